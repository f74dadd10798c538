package io.github.daemonsteps.daemon.pidfile;

import io.github.daemonsteps.daemon.files.FileRefusedException;
import io.github.daemonsteps.daemon.files.NetworkFileSystem;
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
import io.github.daemonsteps.procfs.ProcLocks;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A pid file: a decimal number and a newline, and a lock. The daemon's own process has the lock, by flock(2),
 * for as long as it lives. The number is only a hint. The number is believed if the record beside the file
 * shows that this very process lives. The number is also believed if the kernel names that process as the
 * owner of the lock; see {@link PidFileProbe}.
 *
 * <p>Every user who can read the file can lock it too. A child that inherits the descriptor keeps the lock
 * after the exit of the daemon. Neither process is the daemon.
 *
 * @param path the absolute path of the file
 */
public record PidFile(CString path) {

    private static final FileMode WRITABLE_BY_OTHERS = FileMode.of(0022);

    /** The number of attempts when the file is removed, or its lock released, between two calls. */
    public static final int MAX_ATTEMPTS = 100;

    /** The maximum length of a file name in bytes. See limits.h(0p). */
    private static final int NAME_MAX = 255;

    /** A number that no process has. */
    public static final int NO_PID = -1;

    /**
     * Checks the path of the file, and the file if it exists, before it is opened.
     *
     * @throws FileRefusedException if an untrusted user could have put the file there, or the path cannot be
     *        resolved
     */
    public void checkBeforeOpen(NativePosix posix) throws FileRefusedException {
        try {
            checkBeforeOpen(pathChecker(posix), posix);
            checkFileSystem(posix);
            record().checkBeforeOpen(posix);
        } catch (PosixException e) { // its message does not name the pid file
            throw new FileRefusedException("the pid file " + path.quoted() + ": " + e.getMessage(),
                    e.errno());
        }
    }

    /**
     * Checks that an existing file can be written to, as a start after the current daemon would do.
     *
     * @throws FileRefusedException if the file cannot be written to
     */
    public void checkWritable(NativePosix posix) throws FileRefusedException {
        try {
            posix.closeQuietly(posix.open(path, OpenFlag.guarded(OpenFlag.O_WRONLY), FileMode.of(0)));
        } catch (PosixException e) {
            if (!e.errno().equals(Errno.ENOENT)) {
                throw new FileRefusedException("the pid file " + path.quoted() + ": " + e.getMessage(),
                        e.errno());
            }
        }
    }

    void checkFileSystem(NativePosix posix) throws FileRefusedException {
        CString directory = path.parent();
        Optional<String> network = NetworkFileSystem.of(posix.stat(directory));
        if (network.isPresent()) {
            throw new FileRefusedException("the pid file " + path.quoted() + " is on a network file system, "
                    + network.get() + ", where locks do not show who holds them: keep it on a local"
                    + " file system");
        }
    }

    private void checkBeforeOpen(PathChecker checker, NativePosix posix) throws FileRefusedException {
        if (RecordFile.isRecordName(path)) {
            throw new FileRefusedException("the pid file " + path.quoted()
                    + " ends with .record, as the record beside a pid file does: give it another name");
        }
        Optional<FileStatus> file = checker.walk(posix);
        if (file.isPresent()) {
            checker.check(file.get());
            checkMode(file.get());
        }
    }

    private PathChecker pathChecker(NativePosix posix) {
        TrustedOwners trusted = TrustedOwners.ofThisProcess(posix);
        return new PathChecker("pid file", path, trusted, trusted);
    }

    /**
     * Notes in the record that a stop is about to signal the daemon. The launcher of a daemon that is still
     * being started reads the note. Without the right to write to the record, nothing is noted.
     */
    public void noteStop(NativePosix posix) {
        try {
            Opened file = open(posix);
            try {
                record().noteStop(posix.getpid(), file.status(), posix);
            } finally {
                posix.closeQuietly(file.fd());
            }
        } catch (FileRefusedException | PosixException e) {
            // the stop itself reports the problem
        }
    }

    /**
     * Returns the files that are removed with the pid file: its record, unless its name would be too long.
     */
    public CString[] companions() {
        CString record = record().path();
        return record.length() < CString.PATH_MAX && record.fileName().length() <= NAME_MAX
                ? new CString[]{record}
                : new CString[0];
    }

    /** Returns the file of the record beside the pid file. */
    public RecordFile record() {
        return RecordFile.of(path);
    }

    /**
     * Checks a file whose lock a start has acquired. The daemon may live without the lock. A file that is not
     * a pid file must not be written to.
     *
     * @throws FileRefusedException if the daemon lives, or the file is not a pid file
     * @throws PosixException if a call fails
     */
    void checkLocked(NativePosix posix) throws FileRefusedException {
        Opened file = openIfThere(posix);
        if (file == null) {
            return;
        }
        try {
            checkContent(file, posix);
        } finally {
            posix.closeQuietly(file.fd());
        }
    }

    private void checkContent(Opened file, NativePosix posix) throws FileRefusedException {
        PidFileContent content = content(file, posix);
        Optional<DaemonRecord> recorded = recorded(file, content, posix);
        if (recorded.isPresent() && recorded.get().isAlive(posix)) {
            throw new PidFileInUseException("the daemon that " + path.quoted() + " names, process "
                    + content.number() + ", runs and has released its lock");
        }
        if (!content.isOfPidFile()) {
            throw new FileRefusedException(notAPidFile());
        }
    }

    /** Returns whether this process holds the lock. A child of the daemon may have inherited it. */
    public boolean isHeldHere(NativePosix posix) {
        try {
            FileStatus file = posix.stat(path);
            return new ProcLocks(posix).holds(posix.getpid(), file) == ProcLocks.Holding.YES;
        } catch (PosixException e) {
            return false;
        }
    }

    /**
     * Checks that the file still names the daemon: otherwise {@code status} and {@code stop} would not find
     * the daemon.
     *
     * @throws FileRefusedException if the file does not name the daemon
     * @throws PosixException if a call fails, with ENOENT if the file does not exist
     */
    public void checkNumber(int pid, NativePosix posix) throws FileRefusedException {
        Opened file = open(posix);
        try {
            if (content(file, posix).number() != pid) {
                throw new FileRefusedException("the pid file " + path.quoted() + " was replaced meanwhile");
            }
        } finally {
            posix.closeQuietly(file.fd());
        }
    }

    /**
     * Returns the record of a process that has been found to be the daemon. The file may have another number.
     *
     * @throws PosixException if a call fails
     */
    public Optional<DaemonRecord> recordOf(int pid, NativePosix posix) throws FileRefusedException {
        Opened file = openIfThere(posix);
        if (file == null) {
            return Optional.empty();
        }
        try {
            return record().read(file.status(), posix)
                    .filter(it -> it.pid() == pid && it.isAlive(posix));
        } finally {
            posix.closeQuietly(file.fd());
        }
    }

    /** Opens the file; null if the file does not exist. */
    private @Nullable Opened openIfThere(NativePosix posix) throws FileRefusedException {
        try {
            return open(posix);
        } catch (PosixException e) {
            if (e.errno().equals(Errno.ENOENT)) {
                return null;
            }
            throw e;
        }
    }

    /** Returns the record if it names the number in the file, for a living and for an exited process. */
    Optional<DaemonRecord> recorded(Opened file, PidFileContent content, NativePosix posix) {
        Optional<DaemonRecord> record = record().read(file.status(), posix);
        return record.isPresent() && record.get().pid() == content.number() ? record : Optional.empty();
    }

    static PidFileContent content(Opened file, NativePosix posix) {
        return PidFileContent.of(posix.read(file.fd(), PidFileContent.BYTES_TO_READ));
    }

    /** Returns why a file with other content than a pid file's is neither acquired nor removed. */
    String notAPidFile() {
        return path.quoted()
                + ": not a pid file: its content is not a process id; name another pid file";
    }

    /** Checks a file that the daemon's own process has opened: it must belong to the user of that process. */
    void check(FileStatus file, long uid) throws FileRefusedException {
        String wrong = null;
        if (!file.isRegularFile()) {
            wrong = "is not a regular file";
        } else if (file.uid() != uid) {
            wrong = "belongs to user " + file.uid() + "; the file must belong to user " + uid
                    + ", who starts the daemon";
        } else if (file.nlink() > 1) {
            wrong = "has " + file.nlink() + " hard links; the file must have one name";
        }
        if (wrong != null) {
            throw new FileRefusedException("the pid file " + path.quoted() + " " + wrong);
        }
        checkMode(file);
    }

    /** Refuses a file that other users can write to: they could choose which process is signalled. */
    private void checkMode(FileStatus file) throws FileRefusedException {
        if (file.permissions().hasAnyOf(WRITABLE_BY_OTHERS)) {
            throw new FileRefusedException(
                    "the pid file " + path.quoted() + " can be written to by others: its mode is "
                            + file.permissions());
        }
    }

    /** Returns whether the name still leads to this file. */
    boolean isUnchanged(FileStatus file, Posix process) {
        try {
            return process.lstat(path).isSameFileAs(file);
        } catch (PosixException e) {
            if (e.errno().equals(Errno.ENOENT)) {
                return false;
            }
            throw e;
        }
    }

    /**
     * The file, open for reading.
     *
     * @param fd the descriptor
     * @param status the status
     */
    record Opened(int fd, FileStatus status) {}

    /** Opens the file for reading if no untrusted user could have put it there. */
    Opened open(NativePosix posix) throws FileRefusedException {
        PathChecker checker = pathChecker(posix);
        checkBeforeOpen(checker, posix);
        int fd = posix.open(path, OpenFlag.guarded(OpenFlag.O_RDONLY), FileMode.of(0));
        try {
            FileStatus status = posix.fstat(fd);
            checker.check(status); // the file may have been replaced since it was checked
            checkMode(status);
            return new Opened(fd, status);
        } catch (FileRefusedException | PosixException e) {
            posix.closeQuietly(fd);
            throw e;
        }
    }
}
