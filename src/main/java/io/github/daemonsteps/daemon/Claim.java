package io.github.daemonsteps.daemon;

import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.DescriptorCommand;
import io.github.daemonsteps.posix.Errno;
import io.github.daemonsteps.posix.FileMode;
import io.github.daemonsteps.posix.FileStatus;
import io.github.daemonsteps.posix.ForkedProcess;
import io.github.daemonsteps.posix.Lock;
import io.github.daemonsteps.posix.NativePosix;
import io.github.daemonsteps.posix.OpenFlag;
import io.github.daemonsteps.posix.Posix;
import io.github.daemonsteps.posix.PosixException;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The taking of a pid file by the daemon's own process. From the moment in which the file is this process's, the process
 * removes it if it is abandoned: it must be known, then, whether the file was made here or was there before.
 */
final class Claim {

    /** What becomes of the file if the launcher dies before the process is the daemon's program. */
    interface Abandonment {

        /** The descriptor that the next opening will have. */
        int lowestFree() throws PidFile.Refused;

        /** The process removes the file, once it is open as this descriptor and the process has its lock. */
        void unlink(int fd);

        /** The process removes nothing. */
        void unlinkNothing();
    }

    /** A process that is its own launcher cannot be abandoned. */
    private static final class Never implements Abandonment {
        @Override
        public int lowestFree() {
            return PidFile.NOBODY;
        }

        @Override
        public void unlink(int fd) {
            // see the class
        }

        @Override
        public void unlinkNothing() {
            // see the class
        }
    }

    private record OfLauncher(PidFile file, ForkedProcess process) implements Abandonment {
        @Override
        public int lowestFree() throws PidFile.Refused {
            return Claim.lowestFree(file.path(), process);
        }

        @Override
        public void unlink(int fd) {
            process.unlinkIfAbandoned(fd, file.path(), file.companions());
        }

        @Override
        public void unlinkNothing() {
            process.unlinkNothingIfAbandoned();
        }
    }

    private static final FileMode MODE = FileMode.of(0644);

    /** How a pid file that is there is opened: the daemon keeps it, and is not to write to it any more. */
    private static final Set<OpenFlag> FLAGS = OpenFlag.guarded(OpenFlag.O_RDONLY);

    private final PidFile file;
    private final CString path;
    private final Posix process;
    private final NativePosix posix;
    private final Abandonment abandonment;
    private boolean hasMade;
    private @Nullable FileStatus opened;

    /** By a process that this one has forked. */
    Claim(PidFile file, ForkedProcess process, NativePosix posix) {
        this(file, process, posix, new OfLauncher(file, process));
    }

    /** By this process itself. */
    Claim(PidFile file, NativePosix posix) {
        this(file, posix, posix, new Never());
    }

    private Claim(PidFile file, Posix process, NativePosix posix, Abandonment abandonment) {
        this.file = file;
        this.path = file.path();
        this.process = process;
        this.posix = posix;
        this.abandonment = abandonment;
    }

    /** Whether a file was made on the way: it is to be removed if the claim fails. */
    boolean hasMade() {
        return hasMade;
    }

    /** The file that was opened last, made or not; empty if none is known. */
    Optional<FileStatus> opened() {
        return Optional.ofNullable(opened);
    }

    /**
     * Locks the file.
     *
     * @return the process's descriptor, which has the lock
     * @throws PidFile.Refused if somebody else has the lock, or the file is none that can be trusted
     * @throws PosixException if a call fails
     */
    int lock() throws PidFile.Refused {
        for (int i = 0; i < PidFile.TRIES; i++) {
            int fd = open();
            FileStatus status = process.fstat(fd);
            file.check(status, process.getuid());
            opened = status;
            if (hasMade) {
                setMode(fd, status); // at once: the umask may keep even the owner from opening the file again
            }
            if (!PidFile.tryLock(fd, Lock.LOCK_EX, process)) {
                abandonment.unlinkNothing();
                throw new PidFile.Refused("the lock of " + path.quoted() + " is held", true);
            }
            if (file.isStillThere(status, process)) {
                file.checkLocked(posix);
                abandonment.unlink(fd);
                if (!hasMade) {
                    setMode(fd, status);
                }
                return fd;
            }
            process.close(fd);
        }
        throw new PidFile.Refused(path.quoted() + " is removed again and again", false);
    }

    private void setMode(int fd, FileStatus status) {
        if (!status.permissions().equals(MODE)) {
            process.fchmod(fd, MODE);
        }
    }

    private int open() throws PidFile.Refused {
        for (int i = 0; i < PidFile.TRIES; i++) {
            try {
                return make();
            } catch (PosixException failed) {
                if (!failed.errno().equals(Errno.EEXIST)) {
                    throw failed;
                }
                abandonment.unlinkNothing();
            }
            try {
                return process.open(path, FLAGS, MODE);
            } catch (PosixException failed) {
                if (!failed.errno().equals(Errno.ENOENT)) { // removed in between
                    throw failed;
                }
            }
        }
        throw new PidFile.Refused(path.quoted() + " is removed again and again", false);
    }

    /**
     * Makes the file. That the process is to remove it must be said before, for behind it may be too late; and if there
     * is such a file already, nothing must be removed. So it is said of the descriptor that the file will have, which
     * is the lowest that is free: as long as nothing is open there, there is no lock to be had.
     */
    private int make() throws PidFile.Refused {
        abandonment.unlink(abandonment.lowestFree());
        Set<OpenFlag> flags = new HashSet<>(FLAGS);
        flags.add(OpenFlag.O_CREAT);
        flags.add(OpenFlag.O_EXCL);
        hasMade = true; // until it is known that it has not: the answer may be lost
        try {
            return process.open(path, flags, MODE);
        } catch (PosixException failed) {
            hasMade = !failed.call().function().equals("open");
            throw failed;
        }
    }

    /** The descriptor that the next opening in a process will have. */
    static int lowestFree(CString path, ForkedProcess process) throws PidFile.Refused {
        try {
            int lowest = process.fcntl(process.control(), DescriptorCommand.F_DUPFD_CLOEXEC, 0);
            process.close(lowest);
            return lowest;
        } catch (PosixException failed) { // which by itself would not tell which file
            throw new PidFile.Refused(path.quoted() + ": " + failed.getMessage(), failed.errno());
        }
    }
}
