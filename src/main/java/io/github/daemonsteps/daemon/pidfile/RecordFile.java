package io.github.daemonsteps.daemon.pidfile;

import io.github.daemonsteps.daemon.files.FileRefusedException;
import io.github.daemonsteps.daemon.files.PathChecker;
import io.github.daemonsteps.daemon.files.TrustedOwners;
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
 * The file beside a pid file that holds the {@link DaemonRecord}: {@code NAME.pid.record}. A reader believes
 * a record whose process has the number in the pid file, or holds the pid file's lock. The holder of the pid
 * file's lock may write or remove the record.
 *
 * @param path the absolute path of the file
 */
public record RecordFile(CString path) {

    private static final CString SUFFIX = CString.of(".record");
    /** The descriptor if no file is open. */
    public static final int NONE = -1;

    /** The first characters of a record. */
    private static final String BEGINNING = "pid=";

    private static final String STOPPED_BY = "stopped-by=";
    private static final FileMode MODE = FileMode.of(0644);
    private static final FileMode WRITABLE_BY_OTHERS = FileMode.of(0022);

    private static final Set<String> IN_THE_DIRECTORY = Set.of("unlink", "open");
    private static final Set<Errno> NOT_TO_BE_MADE =
            Set.of(Errno.EACCES, Errno.EPERM, Errno.EROFS, Errno.ENAMETOOLONG);

    /** More than the size of a record with the longest path, of which each byte may be written as four. */
    private static final int MAX_BYTES = 32 << 10;

    /** Returns the record file that belongs to a pid file. */
    public static RecordFile of(CString pidFile) {
        return new RecordFile(pidFile.plus(SUFFIX));
    }

    /**
     * Writes the record by a process that holds the lock of the pid file. The process always creates a new
     * file, so an existing file is not written to.
     *
     * @return false if this user cannot create a file there; the lock alone then identifies the daemon. Root
     *        may have prepared the pid file for this user in a directory of root's
     * @throws FileRefusedException if another call fails
     */
    public boolean write(DaemonRecord daemon, Posix process) throws FileRefusedException {
        byte[] text = daemon.text().getBytes(StandardCharsets.UTF_8);
        Set<OpenFlag> flags = new HashSet<>(OpenFlag.guarded(OpenFlag.O_WRONLY));
        flags.add(OpenFlag.O_CREAT);
        flags.add(OpenFlag.O_EXCL);
        try {
            unlink(process);
            int fd = process.open(path, flags, MODE);
            process.fchmod(fd, MODE); // independent of the umask
            if (process.write(fd, text) != text.length) {
                throw new FileRefusedException(path.quoted() + " could not be written whole");
            }
            process.close(fd);
            return true;
        } catch (PosixException e) {
            if (IN_THE_DIRECTORY.contains(e.call().function())
                    && NOT_TO_BE_MADE.contains(e.errno())) {
                return false;
            }
            throw new FileRefusedException("the record beside the pid file, " + path.quoted() + ": "
                    + e.getMessage(), e.errno());
        }
    }

    /** Returns whether a path has the form that only records have. */
    static boolean isRecordName(CString path) {
        return path.length() > SUFFIX.length() && path.from(path.length() - SUFFIX.length()).equals(SUFFIX);
    }

    /**
     * Checks before a start that the record can be written.
     *
     * @throws FileRefusedException if the existing file is not a record, and would be lost; or if it belongs
     *        to an untrusted user, in a sticky directory where this user could not replace it
     */
    void checkBeforeOpen(NativePosix posix) throws FileRefusedException {
        Optional<FileStatus> file = existing(posix);
        if (file.isEmpty()) {
            return;
        }
        if (!isRecord(posix)) {
            throw new FileRefusedException(
                    path.quoted() + " has the name of the record beside the pid file, and is not one:"
                            + " move it away");
        }
        if (isInSharedDirectory(posix)) {
            TrustedOwners trusted = TrustedOwners.ofThisProcess(posix);
            new PathChecker("record", path, trusted, trusted).check(file.get());
        }
    }

    /**
     * Returns whether all users can create files beside the pid file. Such a user may have moved a file of
     * root's there, for example a log that the user's daemon has inherited and can write to.
     */
    boolean isInSharedDirectory(NativePosix posix) {
        return PathChecker.isWritableByAll(posix.stat(path.parent()));
    }

    private Optional<FileStatus> existing(NativePosix posix) {
        try {
            return Optional.of(posix.lstat(path));
        } catch (PosixException e) {
            return Optional.empty();
        }
    }

    /** Returns whether the existing file is a record, complete or not. */
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
        } catch (PosixException e) {
            return false;
        }
    }

    /** Removes the record, if it exists. A file that is not a record stays. */
    void remove(NativePosix posix) {
        if (isRecord(posix)) {
            unlink(posix);
        }
    }

    /** Removes the name. A name that is too long cannot exist. */
    private void unlink(Posix process) {
        try {
            process.unlink(path);
        } catch (PosixException e) {
            if (!e.errno().equals(Errno.ENOENT) && !e.errno().equals(Errno.ENAMETOOLONG)) {
                throw e;
            }
        }
    }

    /**
     * Reads the record; empty if the file does not exist or cannot be read. The result is also empty if
     * another user than the pid file's could have written the record. The reader must then rely on the lock.
     *
     * @param pidFile the pid file that is open; its directory has been checked
     */
    Optional<DaemonRecord> read(FileStatus pidFile, NativePosix posix) {
        return DaemonRecord.parse(text(pidFile, posix));
    }

    /**
     * Verifies that the file contains what was written to it.
     *
     * @throws FileRefusedException if the file has other content
     * @throws PosixException if a call fails
     */
    void verify(DaemonRecord daemon, FileStatus pidFile, NativePosix posix) throws FileRefusedException {
        String content = content(pidFile, posix);
        if (!content.startsWith(daemon.text()) || DaemonRecord.parse(content).isEmpty()) {
            throw new FileRefusedException(path.quoted() + " does not hold what was written to it");
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

    /**
     * Opens the file, for a later check whether a stop was noted. The check works even if the file is removed
     * by then.
     *
     * @return the descriptor; -1 if the opening fails, or another user than the pid file's could have written
     *        the record
     */
    public int openForNotes(FileStatus pidFile, NativePosix posix) {
        int fd;
        try {
            fd = posix.open(path, OpenFlag.guarded(OpenFlag.O_RDONLY), FileMode.of(0));
        } catch (PosixException e) {
            return NONE;
        }
        try {
            if (isTrusted(posix.fstat(fd), pidFile)) {
                return fd;
            }
        } catch (PosixException e) {
            // without a status the file is not trusted
        }
        closeQuietly(fd, posix);
        return NONE;
    }

    /** Closes a descriptor. A descriptor that is not open must not make the start fail. */
    private static void closeQuietly(int fd, NativePosix posix) {
        try {
            posix.closeQuietly(fd);
        } catch (PosixException e) {
            // nothing to close then
        }
    }

    /** Returns whether a stop has noted itself in the file that {@link #openForNotes} has opened. */
    public static boolean hasStopNoted(int fd, NativePosix posix) {
        try {
            return fd != NONE && new String(posix.read(fd, MAX_BYTES), StandardCharsets.UTF_8).lines()
                    .anyMatch(line -> line.startsWith(STOPPED_BY));
        } catch (PosixException e) { // a note that cannot be read is as good as none
            return false;
        }
    }

    /** Returns the text of the file; empty if it cannot be read, or must not be believed. */
    private String text(FileStatus pidFile, NativePosix posix) {
        try {
            return content(pidFile, posix);
        } catch (PosixException e) {
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
