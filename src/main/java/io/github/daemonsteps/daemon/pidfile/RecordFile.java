package io.github.daemonsteps.daemon.pidfile;

import io.github.daemonsteps.ffm.NativePosix;
import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.Errno;
import io.github.daemonsteps.posix.FileMode;
import io.github.daemonsteps.posix.FileStatus;
import io.github.daemonsteps.posix.OpenFlag;
import io.github.daemonsteps.posix.Posix;
import io.github.daemonsteps.posix.PosixException;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * The file beside a pid file that holds the {@link DaemonRecord}: {@code NAME.pid.record}. A reader believes it only if the
 * number in the pid file is that of the recorded process, or that process holds the pid file's lock. Whoever holds the lock of the pid file may write or
 * remove it.
 *
 * @param path its path, absolute
 */
public record RecordFile(CString path) {

    private static final CString SUFFIX = CString.of(".record");
    /** The descriptor of no file. */
    public static final int NONE = -1;

    /** The first characters of a record. */
    private static final String BEGINNING = "pid=";

    private static final String STOPPED_BY = "stopped-by=";
    private static final FileMode MODE = FileMode.of(0644);
    private static final FileMode WRITABLE_BY_OTHERS = FileMode.of(0022);

    private static final Set<String> IN_THE_DIRECTORY = Set.of("unlink", "open");
    private static final Set<Errno> NOT_TO_BE_MADE =
            Set.of(Errno.EACCES, Errno.EPERM, Errno.EROFS, Errno.ENAMETOOLONG);

    /** More than a record with the longest path, of which each byte may be written as four. */
    private static final int MAX_BYTES = 32 << 10;

    /** Returns the record file that belongs to a pid file. */
    public static RecordFile of(CString pidFile) {
        return new RecordFile(pidFile.plus(SUFFIX));
    }

    /**
     * Writes the record by a process that holds the lock of the pid file. The file is always a new one, so no existing file
     * is written to.
     *
     * @return false if this user cannot create a file there, as beside a pid file that root has prepared for this user in a
     *         directory of root's: the lock alone decides then
     * @throws PidFile.RefusedException if another call fails
     */
    public boolean write(DaemonRecord daemon, Posix process) throws PidFile.RefusedException {
        byte[] text = daemon.text().getBytes(StandardCharsets.UTF_8);
        Set<OpenFlag> flags = new HashSet<>(OpenFlag.guarded(OpenFlag.O_WRONLY));
        flags.add(OpenFlag.O_CREAT);
        flags.add(OpenFlag.O_EXCL);
        try {
            unlink(process);
            int fd = process.open(path, flags, MODE);
            process.fchmod(fd, MODE); // whatever the umask
            if (process.write(fd, text) != text.length) {
                throw new PidFile.RefusedException(path.quoted() + " could not be written whole", false);
            }
            process.close(fd);
            return true;
        } catch (PosixException failed) {
            if (IN_THE_DIRECTORY.contains(failed.call().function())
                    && NOT_TO_BE_MADE.contains(failed.errno())) {
                return false;
            }
            throw new PidFile.RefusedException("the record beside the pid file, " + path.quoted() + ": "
                    + failed.getMessage(), failed.errno());
        }
    }

    /** Whether a path is such as only records have. */
    static boolean isNameOfOne(CString path) {
        return path.length() > SUFFIX.length() && path.from(path.length() - SUFFIX.length()).equals(SUFFIX);
    }

    /**
     * Checks before a start that the record can be written.
     *
     * @throws PidFile.RefusedException if it is anything but a record, which could not be replaced, or would be lost
     */
    void checkBeforeOpen(NativePosix posix) throws PidFile.RefusedException {
        if (isThere(posix) && !isRecord(posix)) {
            throw new PidFile.RefusedException(
                    path.quoted() + " has the name of the record beside the pid file, and is not one:"
                            + " move it away",
                    false);
        }
    }

    private boolean isThere(NativePosix posix) {
        try {
            posix.lstat(path);
            return true;
        } catch (PosixException missing) {
            return false;
        }
    }

    /** Whether a record is there, cut off or not. */
    private boolean isRecord(NativePosix posix) {
        try {
            int fd = posix.open(path, OpenFlag.guarded(OpenFlag.O_RDONLY), FileMode.of(0));
            try {
                String beginning =
                        new String(posix.read(fd, BEGINNING.length()), StandardCharsets.ISO_8859_1);
                return posix.fstat(fd).isRegularFile() && BEGINNING.startsWith(beginning);
            } finally {
                posix.closeQuietly(fd);
            }
        } catch (PosixException notToBeRead) {
            return false;
        }
    }

    /** Removes it, if it is there. What is there and is not a record stays. */
    void remove(NativePosix posix) {
        if (isRecord(posix)) {
            unlink(posix);
        }
    }

    /** A name that is too long cannot be there. */
    private void unlink(Posix process) {
        try {
            process.unlink(path);
        } catch (PosixException failed) {
            if (!failed.errno().equals(Errno.ENOENT) && !failed.errno().equals(Errno.ENAMETOOLONG)) {
                throw failed;
            }
        }
    }

    /**
     * Reads the record. Empty if there is none, if it cannot be read, or if another user than the pid file's could have
     * written it: the reader must then rely on the lock.
     *
     * @param pidFile the pid file that is open; its directory has been checked
     */
    Optional<DaemonRecord> read(FileStatus pidFile, NativePosix posix) {
        return DaemonRecord.parse(text(pidFile, posix));
    }

    /**
     * Verifies that the file holds what was written to it.
     *
     * @throws PidFile.RefusedException if it does not
     * @throws PosixException if a call fails
     */
    void verify(DaemonRecord daemon, FileStatus pidFile, NativePosix posix) throws PidFile.RefusedException {
        if (!DaemonRecord.parse(content(pidFile, posix)).equals(Optional.of(daemon))) {
            throw new PidFile.RefusedException(path.quoted() + " does not hold what was written to it",
                    false);
        }
    }

    /** Appends that a stop by a process is about to signal the daemon. */
    void noteStop(int stopper, FileStatus pidFile, NativePosix posix) {
        if (!isRecord(posix)) {
            return;
        }
        Set<OpenFlag> flags = new HashSet<>(OpenFlag.guarded(OpenFlag.O_WRONLY));
        flags.add(OpenFlag.O_APPEND);
        int fd = posix.open(path, flags, FileMode.of(0));
        try {
            if (isTrusted(posix.fstat(fd), pidFile)) {
                posix.write(fd, (STOPPED_BY + stopper + "\n").getBytes(StandardCharsets.UTF_8));
            }
        } finally {
            posix.closeQuietly(fd);
        }
    }

    /** Opens the file to see later whether a stop was noted, even if it is removed by then; -1 if it cannot be opened. */
    public int openForNotes(NativePosix posix) {
        int fd;
        try {
            fd = posix.open(path, OpenFlag.guarded(OpenFlag.O_RDONLY), FileMode.of(0));
        } catch (PosixException missing) {
            return NONE;
        }
        try {
            posix.fstat(fd);
            return fd;
        } catch (PosixException e) {
            closeQuietly(fd, posix);
            return NONE;
        }
    }

    /** Closes a descriptor. A descriptor that is not open must not make the start fail. */
    private static void closeQuietly(int fd, NativePosix posix) {
        try {
            posix.closeQuietly(fd);
        } catch (PosixException notOpen) {
            // then there is nothing to close
        }
    }

    /** Whether a stop has noted itself in the file that {@link #openForNotes} has opened. */
    public static boolean hasStopNoted(int fd, NativePosix posix) {
        try {
            return fd != NONE && new String(posix.read(fd, MAX_BYTES), StandardCharsets.UTF_8).lines()
                    .anyMatch(line -> line.startsWith(STOPPED_BY));
        } catch (PosixException unreadable) {
            return false;
        }
    }

    /** Returns the text of the file; empty if it cannot be read, or must not be believed. */
    private String text(FileStatus pidFile, NativePosix posix) {
        try {
            return content(pidFile, posix);
        } catch (PosixException missing) {
            return "";
        }
    }

    private String content(FileStatus pidFile, NativePosix posix) {
        int fd = posix.open(path, OpenFlag.guarded(OpenFlag.O_RDONLY), FileMode.of(0));
        try {
            return isTrusted(posix.fstat(fd), pidFile)
                    ? new String(posix.read(fd, MAX_BYTES), StandardCharsets.UTF_8)
                    : "";
        } finally {
            posix.closeQuietly(fd);
        }
    }

    private static boolean isTrusted(FileStatus file, FileStatus pidFile) {
        return file.isRegularFile() && file.uid() == pidFile.uid() && file.nlink() == 1
                && !file.permissions().hasAnyOf(WRITABLE_BY_OTHERS);
    }
}
