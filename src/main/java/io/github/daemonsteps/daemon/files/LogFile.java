package io.github.daemonsteps.daemon.files;

import io.github.daemonsteps.ffm.NativePosix;
import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.FileMode;
import io.github.daemonsteps.posix.FileStatus;
import io.github.daemonsteps.posix.OpenFlag;
import io.github.daemonsteps.posix.PosixException;
import io.github.daemonsteps.process.UserIdentity;
import io.github.daemonsteps.steps.StreamTarget;
import io.github.daemonsteps.text.TerminalSafe;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A daemon's log. The log is a regular file, or {@code /dev/null} or {@code /dev/console}. A regular file is
 * appended to, and never reached through a symbolic link.
 *
 * @param path the absolute path of the log
 * @param owners the users that the log, and its own directory, may belong to besides the
 *        {@link TrustedOwners}: the daemon's user
 */
public record LogFile(CString path, Set<Long> owners) {

    /** The number of bytes that are read at the end of a log: enough for some stack traces. */
    private static final int MAX_TAIL_BYTES = 64 << 10;

    private static final Set<String> DEVICES = Set.of("/dev/null", "/dev/console");

    /** Creates the log of a daemon that does not change its user. */
    public LogFile(CString path) {
        this(path, Set.of());
    }

    /**
     * Returns the log of a daemon. The log of a daemon that changes its user may belong to that user.
     *
     * @param identity the daemon's user; null: the user who starts the daemon
     */
    public static LogFile of(CString path, @Nullable UserIdentity identity) {
        return new LogFile(path, identity == null ? Set.of() : Set.of(identity.uid()));
    }

    /** Returns the target for descriptor 1 or 2. */
    public StreamTarget target() {
        return switch (path.toString()) {
            case "/dev/null" -> StreamTarget.devNull();
            case "/dev/console" -> StreamTarget.console();
            default -> StreamTarget.log(path);
        };
    }

    /**
     * Returns whether the log is one of the permitted devices. Devices are not checked, since they do not
     * belong to the daemon.
     */
    public boolean isDevice() {
        return DEVICES.contains(path.toString());
    }

    private PathChecker pathChecker(NativePosix posix) {
        TrustedOwners trusted = TrustedOwners.ofThisProcess(posix);
        return new PathChecker("log", path, trusted, trusted.and(owners));
    }

    /**
     * Checks the path, and an existing file, before the file is opened.
     *
     * @throws FileRefusedException if an untrusted user may have put the file there, or the path cannot be
     *        resolved
     */
    public void checkBeforeOpen(NativePosix posix) throws FileRefusedException {
        if (!isDevice()) {
            PathChecker checker = pathChecker(posix);
            Optional<FileStatus> file = walk(checker, posix);
            if (file.isPresent()) {
                checker.check(file.get());
            }
        }
    }

    private Optional<FileStatus> walk(PathChecker checker, NativePosix posix) throws FileRefusedException {
        try {
            return checker.walk(posix);
        } catch (PosixException e) { // its message does not name the file
            throw new FileRefusedException("the log " + path.quoted() + ": " + e.getMessage(),
                    e.errno());
        }
    }

    /**
     * Checks the opened file, since another user may have replaced the file or the path between check and
     * opening.
     *
     * @throws FileRefusedException if an untrusted user may have put the file there, or the path leads to
     *        another file
     */
    public void checkOpened(FileStatus file, NativePosix posix) throws FileRefusedException {
        if (isDevice()) {
            return;
        }
        PathChecker checker = pathChecker(posix);
        checker.check(file);
        FileStatus current = current(checker, posix);
        if (!file.isSameFileAs(current)) {
            throw new FileRefusedException(
                    "the log " + path.quoted() + " was replaced while it was opened");
        }
        checker.check(current); // one status shows that the file has this name, and no other
    }

    private FileStatus current(PathChecker checker, NativePosix posix) throws FileRefusedException {
        Optional<FileStatus> walked = walk(checker, posix);
        try {
            return walked.isPresent() ? walked.get() : posix.lstat(path);
        } catch (PosixException e) {
            throw new FileRefusedException("the log " + path.quoted() + " was removed while it was opened: "
                    + e.getMessage(), e.errno());
        }
    }

    /** Returns the present length. Text after this position belongs to the daemon that is about to start. */
    public long length(NativePosix posix) {
        try {
            FileStatus file = posix.lstat(path);
            return file.isRegularFile() ? file.size() : 0;
        } catch (PosixException e) {
            return 0;
        }
    }

    /** Returns the last lines after {@code from}, safe for a terminal; empty if the file cannot be read. */
    public List<String> end(long from, NativePosix posix) {
        if (isDevice()) {
            return List.of();
        }
        int fd;
        try {
            checkBeforeOpen(posix);
            fd = posix.open(path, OpenFlag.guarded(OpenFlag.O_RDONLY), FileMode.of(0));
        } catch (FileRefusedException | PosixException e) {
            return List.of();
        }
        try {
            checkOpened(posix.fstat(fd), posix); // before it is opened again: a FIFO would wait for a writer
            return end(from, fd);
        } catch (IOException e) {
            return List.of();
        } finally {
            posix.closeQuietly(fd);
        }
    }

    private static List<String> end(long from, int fd) throws IOException {
        try (var file = new RandomAccessFile("/proc/self/fd/" + fd, "r")) {
            long start = Math.max(from, file.length() - MAX_TAIL_BYTES);
            if (start >= file.length()) {
                return List.of();
            }
            byte[] bytes = new byte[(int) (file.length() - start)];
            file.seek(start);
            file.readFully(bytes);
            List<String> lines = new ArrayList<>();
            new String(bytes, StandardCharsets.UTF_8).lines().map(line -> line.replace('\t', ' '))
                    .map(TerminalSafe::of)
                    .forEach(lines::add);
            return LogTail.of(lines);
        }
    }

    /**
     * Opens the log anew as these descriptors of this process, after the old file has been moved away. Each
     * descriptor is replaced atomically, so no line of another thread is lost.
     *
     * @throws PosixException if the file cannot be opened; the descriptors are then unchanged
     * @throws IOException if the file cannot be trusted any more
     */
    public void reopen(NativePosix posix, int... descriptors) throws IOException {
        if (isDevice()) {
            return;
        }
        if (isOpenAs(descriptors, posix)) {
            return; // not moved; an ordinary user may not be able to open it
        }
        checkBeforeOpen(posix);
        StreamTarget target = target();
        int fd = posix.open(path, withCloseOnExec(target.flags()), target.mode());
        try {
            checkOpened(posix.fstat(fd), posix);
            posix.setStatusFlags(fd, Set.of(OpenFlag.O_APPEND));
            for (int descriptor : descriptors) {
                posix.dup2(fd, descriptor);
            }
        } finally {
            posix.closeQuietly(fd);
        }
    }

    private boolean isOpenAs(int[] descriptors, NativePosix posix) {
        try {
            FileStatus current = posix.lstat(path);
            return Arrays.stream(descriptors).allMatch(fd -> posix.fstat(fd).isSameFileAs(current));
        } catch (PosixException e) {
            return false;
        }
    }

    private static Set<OpenFlag> withCloseOnExec(Set<OpenFlag> flags) {
        var all = new HashSet<>(flags);
        all.add(OpenFlag.O_CLOEXEC);
        return all;
    }
}
