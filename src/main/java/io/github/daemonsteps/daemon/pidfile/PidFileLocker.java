package io.github.daemonsteps.daemon.pidfile;

import io.github.daemonsteps.ffm.NativePosix;
import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.Errno;
import io.github.daemonsteps.posix.FileMode;
import io.github.daemonsteps.posix.FileStatus;
import io.github.daemonsteps.posix.FlockOperation;
import io.github.daemonsteps.posix.ForkedProcess;
import io.github.daemonsteps.posix.OpenFlag;
import io.github.daemonsteps.posix.Posix;
import io.github.daemonsteps.posix.PosixException;
import io.github.daemonsteps.process.Program;
import io.github.daemonsteps.procfs.ProcLocks;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Acquires a pid file by the daemon's own process: opens or creates it, locks it, writes the record and the number, and
 * verifies both. From the moment in which the file is this process's, the process removes it if it is abandoned: it must be
 * known, then, whether the file was made here or was there before.
 */
public final class PidFileLocker {

    /** What becomes of the file if the launcher dies before the process is the daemon's program. */
    interface Abandonment {

        /** The descriptor that the next opening will have. */
        int nextFreeDescriptor() throws PidFile.RefusedException;

        /** The process removes the file, once it is open as this descriptor and the process has its lock. */
        void unlink(int fd);

        /** The process removes nothing. */
        void unlinkNothing();
    }

    /** A process that is its own launcher cannot be abandoned. */
    private static final class Never implements Abandonment {
        @Override
        public int nextFreeDescriptor() {
            return PidFile.NO_PID;
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
        public int nextFreeDescriptor() throws PidFile.RefusedException {
            return PidFileLocker.nextFreeDescriptor(file.path(), process);
        }

        @Override
        public void unlink(int fd) {
            process.unlinkOnLauncherDeath(fd, file.path(), file.companions());
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
    public PidFileLocker(PidFile file, ForkedProcess process, NativePosix posix) {
        this(file, process, posix, new OfLauncher(file, process));
    }

    /** By this process itself. */
    public PidFileLocker(PidFile file, NativePosix posix) {
        this(file, posix, posix, new Never());
    }

    private PidFileLocker(PidFile file, Posix process, NativePosix posix, Abandonment abandonment) {
        this.file = file;
        this.path = file.path();
        this.process = process;
        this.posix = posix;
        this.abandonment = abandonment;
    }

    /** Returns whether a file was made on the way: it must be removed if the acquisition fails. */
    public boolean hasMade() {
        return hasMade;
    }

    /** Returns the file that was opened last, made or not; empty if none is known. */
    public Optional<FileStatus> opened() {
        return Optional.ofNullable(opened);
    }

    /**
     * Opens or creates the file, and acquires its lock.
     *
     * @return the process's descriptor, which has the lock
     * @throws PidFile.RefusedException if another process has the lock, or the file cannot be trusted
     * @throws PosixException if a call fails
     */
    public int lock() throws PidFile.RefusedException {
        file.checkBeforeOpen(posix);
        for (int i = 0; i < PidFile.MAX_ATTEMPTS; i++) {
            OptionalInt fd = open();
            if (fd.isPresent() && lock(fd.getAsInt())) {
                return fd.getAsInt();
            }
        }
        throw new PidFile.RefusedException(path.quoted() + " is removed again and again", false);
    }

    /** Acquires the lock of the open file. Returns false if the path no longer leads to this file. */
    private boolean lock(int fd) throws PidFile.RefusedException {
        FileStatus status = process.fstat(fd);
        file.check(status, process.getuid());
        opened = status;
        if (hasMade) {
            setMode(fd, status); // at once: the umask may keep even its owner from opening it again
        }
        if (!PidFile.tryLock(fd, FlockOperation.LOCK_EX, process)) {
            abandonment.unlinkNothing();
            throw new PidFile.RefusedException("the lock of " + path.quoted() + " is held", true);
        }
        if (!file.isUnchanged(status, process)) {
            process.close(fd);
            return false;
        }
        file.checkLocked(posix);
        abandonment.unlink(fd);
        if (!hasMade) {
            setMode(fd, status);
        }
        return true;
    }

    private void setMode(int fd, FileStatus status) {
        if (!status.permissions().equals(MODE)) {
            process.fchmod(fd, MODE);
        }
    }

    /** Opens the file. Returns empty if it was there, and was removed before it could be opened. */
    private OptionalInt open() throws PidFile.RefusedException {
        try {
            return OptionalInt.of(make());
        } catch (PosixException failed) {
            if (!failed.errno().equals(Errno.EEXIST)) {
                throw failed;
            }
            abandonment.unlinkNothing();
        }
        try {
            return OptionalInt.of(process.open(path, FLAGS, MODE));
        } catch (PosixException failed) {
            if (!failed.errno().equals(Errno.ENOENT)) {
                throw failed;
            }
            return OptionalInt.empty();
        }
    }

    /**
     * Makes the file. The process must be told before that it removes the file, since afterwards may be too late; and if the
     * file exists already, nothing must be removed. So the process is told of the descriptor that the file will have, which
     * is the lowest free one: as long as nothing is open there, no lock can be acquired.
     */
    private int make() throws PidFile.RefusedException {
        abandonment.unlink(abandonment.nextFreeDescriptor());
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

    /**
     * Writes the record and then the number, by the process that has the lock, and verifies both. The record is first, so
     * that the number is never there without it.
     *
     * @param fd the process's descriptor that has the lock
     * @throws PidFile.RefusedException if a call of the process fails, or the files do not say afterwards what was written
     * @throws PosixException if a call of this process fails
     */
    public void write(int fd, int pid, DaemonRecord.Mode mode, Program program)
            throws PidFile.RefusedException {
        DaemonRecord daemon = DaemonRecord.of(pid, mode, program)
                .orElseThrow(() -> new PidFile.RefusedException("process " + pid + " cannot be seen in /proc",
                        false));
        file.record().checkBeforeOpen(posix);
        boolean isRecorded = file.record().write(daemon, process);
        writeNumber(fd, pid);
        verify(fd, pid, isRecorded ? Optional.of(daemon) : Optional.empty());
    }

    /**
     * Writes the id of the process that has the lock, and waits until it is on the disk.
     *
     * @throws PidFile.RefusedException if a call fails; the message names the file
     */
    public void writeNumber(int fd, int pid) throws PidFile.RefusedException {
        byte[] line = (pid + "\n").getBytes(StandardCharsets.US_ASCII);
        int writing = process.open(path, OpenFlag.guarded(OpenFlag.O_WRONLY), FileMode.of(0));
        try {
            if (!process.fstat(writing).isSameFileAs(process.fstat(fd))) {
                throw new PidFile.RefusedException(path.quoted() + " was replaced", false);
            }
            process.ftruncate(writing, 0);
            if (process.write(writing, line) != line.length) {
                throw new PidFile.RefusedException(path.quoted() + " could not be written whole", false);
            }
            process.fsync(writing);
            process.close(writing);
        } catch (PosixException failed) {
            throw new PidFile.RefusedException(path.quoted() + ": " + failed.getMessage(), failed.errno());
        }
    }

    /**
     * Verifies the result, whatever the calls have returned: the file that the path leads to now has the number, and the
     * kernel shows that the process holds the lock by its descriptor.
     *
     * @throws PosixException if a call fails
     */
    private void verify(int fd, int pid, Optional<DaemonRecord> recorded) throws PidFile.RefusedException {
        PidFile.Opened found = file.open(posix);
        try {
            if (PidFile.content(found, posix).number() != pid) {
                throw new PidFile.RefusedException(path.quoted() + " does not hold what was written to it",
                        false);
            }
            if (recorded.isPresent()) {
                file.record().verify(recorded.get(), found.status(), posix);
            }
            boolean isHeld = switch (ProcLocks.holds(pid, fd)) {
                case YES -> true;
                case NO -> false;
                case HIDDEN -> !PidFile.tryLock(found.fd(), FlockOperation.LOCK_SH, posix); // released again by closing
            };
            if (!isHeld) {
                throw new PidFile.RefusedException(
                        "the lock of " + path.quoted() + " is not held by process " + pid
                                + ", which has taken it",
                        false);
            }
        } catch (UncheckedIOException unreadable) {
            throw new PidFile.RefusedException(path.quoted() + ": " + unreadable.getMessage(), false);
        } finally {
            posix.closeQuietly(found.fd());
        }
    }

    /** Returns the descriptor that the next opening in a process will have. */
    public static int nextFreeDescriptor(CString path, ForkedProcess process)
            throws PidFile.RefusedException {
        try {
            int lowest = process.duplicateFrom(process.controlFd(), 0);
            process.close(lowest);
            return lowest;
        } catch (PosixException failed) { // which by itself would not tell which file
            throw new PidFile.RefusedException(path.quoted() + ": " + failed.getMessage(), failed.errno());
        }
    }
}
