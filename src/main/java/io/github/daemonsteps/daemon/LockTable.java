package io.github.daemonsteps.daemon;

import io.github.daemonsteps.posix.FileStatus;
import io.github.daemonsteps.posix.NativePosix;
import io.github.daemonsteps.posix.PosixException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;

/**
 * Who has taken the lock of a file, as the kernel tells: the process that called flock(2), even when it has ended
 * and others have the lock from it. See proc_locks(5).
 */
final class LockTable {

    private final NativePosix posix;

    LockTable(NativePosix posix) {
        this.posix = posix;
    }

    /**
     * The process that has taken the exclusive flock of this file; empty if none has, or it cannot be seen.
     *
     * @param file the file
     * @param likely a process to look at closely if the table has no such file, or 0: a file system of which stat(2)
     *        tells another device than the table does, as btrfs and overlayfs, hides its files there
     */
    OptionalInt taker(FileStatus file, int likely) {
        OptionalInt taker = parse(lines(Path.of("/proc/locks")), file);
        return taker.isEmpty() && likely > 0 ? takerByDescriptors(file, likely) : taker;
    }

    /** This process, if one of its descriptors tells that it has taken the lock. */
    OptionalInt takerByDescriptors(FileStatus file, int pid) {
        return holds(pid, file) ? OptionalInt.of(pid) : OptionalInt.empty();
    }

    /**
     * Each line: {@code 1: FLOCK  ADVISORY  WRITE 708 08:02:1048 0 EOF}. One that waits for a lock has an arrow
     * before its type.
     */
    static OptionalInt parse(List<String> lines, FileStatus file) {
        for (String line : lines) {
            String[] words = line.trim().split(" +", -1);
            if (words.length >= 6 && isExclusive(words, 1) && words[5].equals(name(file))) {
                return OptionalInt.of(Integer.parseInt(words[4]));
            }
        }
        return OptionalInt.empty();
    }

    private static boolean isExclusive(String[] words, int from) {
        return words[from].equals("FLOCK") && words[from + 2].equals("WRITE");
    }

    /** Device and inode as the table has them: {@code 08:02:1048}. */
    private static String name(FileStatus file) {
        long major = ((file.dev() >>> 8) & 0xfff) | ((file.dev() >>> 32) & 0xffff_f000L);
        long minor = (file.dev() & 0xff) | ((file.dev() >>> 12) & 0xffff_ff00L);
        return String.format("%02x:%02x:%d", major, minor, file.ino());
    }

    /** Whether one of this process's own descriptors is this file and has the lock, see proc_pid_fdinfo(5). */
    private boolean holds(int pid, FileStatus file) {
        Path process = Path.of("/proc", Integer.toString(pid));
        try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(process.resolve("fd"))) {
            for (Path descriptor : descriptors) {
                if (isSame(descriptor, file) && isLocked(process, descriptor, pid)) {
                    return true;
                }
            }
            return false;
        } catch (IOException | DirectoryIteratorException hidden) {
            return false;
        }
    }

    private boolean isSame(Path descriptor, FileStatus file) {
        try {
            return posix.stat(descriptor.toString()).isSameFileAs(file);
        } catch (PosixException closed) {
            return false;
        }
    }

    /** A line: {@code lock: 1: FLOCK  ADVISORY  WRITE 708 08:02:1048 0 EOF}. */
    private static boolean isLocked(Path process, Path descriptor, int pid) {
        List<String> lines;
        try {
            lines = lines(process.resolve("fdinfo").resolve(descriptor.getFileName()));
        } catch (UncheckedIOException closed) {
            return false;
        }
        for (String line : lines) {
            String[] words = line.trim().split("\\s+", -1);
            if (words.length >= 6 && words[0].equals("lock:") && isExclusive(words, 2)
                    && words[5].equals(Integer.toString(pid))) {
                return true;
            }
        }
        return false;
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file, StandardCharsets.ISO_8859_1);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(file + " cannot be read", unreadable);
        }
    }
}
