package io.github.daemonsteps.procfs;

import io.github.daemonsteps.ffm.NativePosix;
import io.github.daemonsteps.posix.FileStatus;
import io.github.daemonsteps.posix.PosixException;
import io.github.daemonsteps.text.AsciiNumber;
import io.github.daemonsteps.text.IoReason;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.IntPredicate;
import java.util.function.Predicate;

/**
 * A reader of the locks of flock(2). The methods tell which process acquired the lock of a file, and which
 * processes hold it. {@code /proc/locks} lists the process that acquired the lock as long as any process
 * holds it. The entry stays after that process has ended, and even after its number was used again.
 * {@code /proc/PID/fdinfo} shows the holders. See proc_locks(5) and proc_pid_fdinfo(5).
 *
 * <p>The files of {@code /proc} may be unreadable, for example because this process cannot open more files.
 * The methods then throw an {@link UncheckedIOException} with a message of one line. A caller must not draw
 * any conclusion from such a failure.
 */
public final class ProcLocks {

    /** The answer to whether a process holds a lock; {@code HIDDEN} if this user may not see that. */
    public enum Holding {
        YES, NO, HIDDEN
    }

    /**
     * The process that acquired the lock of a file.
     *
     * @param pid the process
     * @param exclusive whether the lock is exclusive
     */
    public record Acquirer(int pid, boolean exclusive) {}

    private static final Path PROC = Path.of("/proc");
    private static final Path LOCKS = Path.of("/proc/locks");

    private final NativePosix posix;

    public ProcLocks(NativePosix posix) {
        this.posix = posix;
    }

    /**
     * Returns the process that acquired the lock of a file; empty if the file is not locked, or if the lock
     * cannot be seen. The kernel omits locks that a process of another pid namespace acquired. In a pid
     * namespace, it also omits locks whose acquirer has ended. A {@code /proc} that was mounted with
     * {@code subset=pid} has no table.
     *
     * @param file the file
     * @param likely a process to check by its descriptors if the table does not list the file; -1 for none.
     *         On btrfs and overlayfs, stat(2) shows another device than the table does
     */
    public Optional<Acquirer> acquirer(FileStatus file, int likely) {
        Optional<Acquirer> acquirer = parse(lines(), file);
        return acquirer.isEmpty() && likely > 0 && holdsAsAcquirer(likely, file) == Holding.YES
                ? Optional.of(new Acquirer(likely, true))
                : acquirer;
    }

    /**
     * Parses lines such as {@code 1: FLOCK  ADVISORY  WRITE 708 08:02:1048 0 EOF}. The line of a process that
     * waits for a lock has an arrow before its type.
     */
    public static Optional<Acquirer> parse(List<String> lines, FileStatus file) {
        for (String line : lines) {
            String[] words = line.trim().split(" +", -1);
            if (words.length >= 6 && words[1].equals("FLOCK") && words[5].equals(name(file))) {
                return Optional.of(new Acquirer(AsciiNumber.parseInt(words[4]), words[3].equals("WRITE")));
            }
        }
        return Optional.empty();
    }

    /** Returns device and inode in the format of the table: {@code 08:02:1048}. */
    private static String name(FileStatus file) {
        return twoDigits(file.deviceMajor()) + ":" + twoDigits(file.deviceMinor()) + ":" + file.ino();
    }

    private static String twoDigits(long number) {
        return (number < 0x10 ? "0" : "") + Long.toHexString(number);
    }

    /** Returns any visible process that holds the lock of a file. Searches all processes. */
    public OptionalInt anyHolder(FileStatus file) {
        return any(pid -> holds(pid, file) == Holding.YES);
    }

    /**
     * Returns the living process that acquired the lock of a file, if it can be seen. The process is found
     * even if the table does not list it.
     */
    public OptionalInt livingAcquirer(FileStatus file) {
        return any(pid -> holdsAsAcquirer(pid, file) == Holding.YES);
    }

    /** Returns whether a visible process other than {@code pid} holds the lock of a file. */
    public boolean hasHeir(int pid, FileStatus file) {
        return any(other -> other != pid && holds(other, file) == Holding.YES).isPresent();
    }

    /**
     * Returns whether a process holds the lock and its fdinfo names the process as the acquirer. In a pid
     * namespace, fdinfo shows the number 0 for an acquirer that has ended.
     */
    private Holding holdsAsAcquirer(int pid, FileStatus file) {
        return holds(pid, file, lock -> lock[4].equals(Integer.toString(pid)) && lock[3].equals("WRITE"));
    }

    private static OptionalInt any(IntPredicate condition) {
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(PROC, "[0-9]*")) {
            for (Path process : processes) {
                int pid = AsciiNumber.parseInt(process.getFileName().toString());
                if (condition.test(pid)) {
                    return OptionalInt.of(pid);
                }
            }
            return OptionalInt.empty();
        } catch (IOException | DirectoryIteratorException e) {
            throw unreadable(PROC, e);
        }
    }

    /** Returns whether a process holds a lock by this very descriptor. */
    public static Holding holds(int pid, int fd) {
        Path process = PROC.resolve(Integer.toString(pid));
        Path fdinfo = process.resolve("fdinfo").resolve(Integer.toString(fd));
        if (!flocks(fdinfo).isEmpty()) {
            return Holding.YES;
        }
        return Files.isReadable(process.resolve("fdinfo")) ? Holding.NO : Holding.HIDDEN;
    }

    /** Returns whether a process has a descriptor of the open file description that has the lock. */
    public Holding holds(int pid, FileStatus file) {
        return holds(pid, file, _ -> true);
    }

    private Holding holds(int pid, FileStatus file, Predicate<String[]> lock) {
        // A first thread that has ended shows no descriptors; the other threads share them.
        Path tasks = PROC.resolve(Integer.toString(pid)).resolve("task");
        try (DirectoryStream<Path> threads = Files.newDirectoryStream(tasks)) {
            Holding found = Holding.NO;
            for (Path thread : threads) {
                found = threadHolds(thread, file, lock);
                if (found == Holding.YES) {
                    return found;
                }
            }
            return found;
        } catch (IOException | DirectoryIteratorException e) {
            throwUnlessUnseen(tasks, e);
            return exists(pid) ? Holding.HIDDEN : Holding.NO;
        }
    }

    private Holding threadHolds(Path thread, FileStatus file, Predicate<String[]> lock) {
        Path fds = thread.resolve("fd");
        try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(fds)) {
            for (Path descriptor : descriptors) {
                if (isSame(descriptor, file)
                        && isLocked(thread.resolve("fdinfo").resolve(descriptor.getFileName()), lock)) {
                    return Holding.YES;
                }
            }
            return Holding.NO;
        } catch (IOException | DirectoryIteratorException e) {
            throwUnlessUnseen(fds, e);
            return Files.exists(thread) ? Holding.HIDDEN : Holding.NO;
        }
    }

    /** Throws unless the file is hidden from this user or gone. */
    private static void throwUnlessUnseen(Path path, Exception failed) {
        IOException cause = cause(failed);
        boolean isHiddenOrGone = cause instanceof AccessDeniedException
                || cause instanceof NoSuchFileException || Files.notExists(path);
        if (!isHiddenOrGone) {
            throw unreadable(path, failed);
        }
    }

    /** Returns whether a process exists, even if it is hidden from this user. */
    public boolean exists(int pid) {
        try {
            posix.getpgid(pid);
            return true;
        } catch (PosixException e) {
            return false;
        }
    }

    private static boolean isSame(Path descriptor, FileStatus file) {
        try {
            Map<String, Object> attributes = Files.readAttributes(descriptor, "unix:dev,ino");
            return Long.valueOf(file.dev()).equals(attributes.get("dev"))
                    && Long.valueOf(file.ino()).equals(attributes.get("ino"));
        } catch (IOException e) {
            return false;
        }
    }

    private static boolean isLocked(Path fdinfo, Predicate<String[]> lock) {
        for (String[] words : flocks(fdinfo)) {
            if (lock.test(words)) {
                return true;
            }
        }
        return false;
    }

    /**
     * Returns the words of the lines such as
     * {@code lock: 1: FLOCK  ADVISORY  WRITE 708 08:02:1048 0 EOF}.
     */
    private static List<String[]> flocks(Path fdinfo) {
        List<String> locks;
        try {
            locks = ProcFields.read(fdinfo).values("lock");
        } catch (IOException e) {
            throwUnlessUnseen(fdinfo, e);
            return List.of();
        }
        List<String[]> flocks = new ArrayList<>();
        for (String lock : locks) {
            String[] words = lock.split("\\s+", -1);
            if (words.length >= 5 && words[1].equals("FLOCK")) {
                flocks.add(words);
            }
        }
        return flocks;
    }

    /**
     * Returns the lines of the table. Returns an empty list if {@code /proc} was mounted with
     * {@code subset=pid} and has no table.
     */
    private static List<String> lines() {
        try {
            return Files.readAllLines(LOCKS, StandardCharsets.ISO_8859_1);
        } catch (NoSuchFileException e) {
            return List.of();
        } catch (IOException e) {
            throw unreadable(LOCKS, e);
        }
    }

    private static UncheckedIOException unreadable(Path path, Exception failed) {
        IOException cause = cause(failed);
        return new UncheckedIOException(path + " cannot be read: " + IoReason.of(cause), cause);
    }

    /** Returns the cause of a failure: the iteration over a directory wraps the cause. */
    private static IOException cause(Exception failed) {
        return failed instanceof IOException plain
                ? plain
                : (IOException) Objects.requireNonNull(failed.getCause());
    }
}
