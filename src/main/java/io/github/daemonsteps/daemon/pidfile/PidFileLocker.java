package io.github.daemonsteps.daemon.pidfile;

import io.github.daemonsteps.daemon.files.FileRefusedException;
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
 * The acquisition of a pid file by the daemon's own process. The process opens or creates the file, locks it,
 * writes the record and the number, and verifies both. As soon as the process owns the file, the process
 * removes the file if the launcher dies. For this the locker must know whether the process created the file
 * or found it.
 */
public final class PidFileLocker {

    /** The file's fate if the launcher dies before the process becomes the daemon's program. */
    interface LauncherDeathRemoval {

        /** Returns the descriptor of the next opening. */
        int nextFreeDescriptor() throws FileRefusedException;

        /**
         * Makes the process remove the file on launcher death. The file must be open as this descriptor, and
         * the process must have its lock.
         */
        void unlink(int fd);

        /** Makes the process remove nothing on launcher death. */
        void cancel();
    }

    /** For a process that is its own launcher, and so needs no removal by another process. */
    private static final class Never implements LauncherDeathRemoval {
        @Override
        public int nextFreeDescriptor() {
            return NO_DESCRIPTOR;
        }

        @Override
        public void unlink(int fd) {
            // not needed, see the class
        }

        @Override
        public void cancel() {
            // not needed, see the class
        }
    }

    private record OfLauncher(PidFile file, ForkedProcess process) implements LauncherDeathRemoval {
        @Override
        public int nextFreeDescriptor() throws FileRefusedException {
            return PidFileLocker.nextFreeDescriptor(file.path(), process);
        }

        @Override
        public void unlink(int fd) {
            process.unlinkOnLauncherDeath(fd, file.path(), file.companions());
        }

        @Override
        public void cancel() {
            process.cancelUnlinkOnLauncherDeath();
        }
    }

    private static final int NO_DESCRIPTOR = -1;

    private static final FileMode MODE = FileMode.of(0644);

    /**
     * The flags for opening an existing pid file. The daemon inherits the descriptor, and must not write to
     * the file any more.
     */
    private static final Set<OpenFlag> FLAGS = OpenFlag.guarded(OpenFlag.O_RDONLY);

    private final PidFile file;
    private final CString path;
    private final Posix process;
    private final NativePosix posix;
    private final LauncherDeathRemoval removal;
    private boolean hasCreated;
    private int expectedDescriptor = NO_DESCRIPTOR;
    private @Nullable FileStatus opened;

    /** Creates a locker that works by a process that this one has forked. */
    public PidFileLocker(PidFile file, ForkedProcess process, NativePosix posix) {
        this(file, process, posix, new OfLauncher(file, process));
    }

    /** Creates a locker that works by this process itself. */
    public PidFileLocker(PidFile file, NativePosix posix) {
        this(file, posix, posix, new Never());
    }

    private PidFileLocker(PidFile file, Posix process, NativePosix posix, LauncherDeathRemoval removal) {
        this.file = file;
        this.path = file.path();
        this.process = process;
        this.posix = posix;
        this.removal = removal;
    }

    /** Returns whether the process created a file, which must be removed if the acquisition fails. */
    public boolean hasCreated() {
        return hasCreated;
    }

    /** Returns the file that was opened last, created or not; empty if none is known. */
    public Optional<FileStatus> opened() {
        return Optional.ofNullable(opened);
    }

    /**
     * Opens or creates the file, and acquires its lock.
     *
     * @return the process's descriptor, which holds the lock
     * @throws FileRefusedException if another process holds the lock, or the file cannot be trusted
     * @throws PosixException if a call fails
     */
    public int lock() throws FileRefusedException {
        file.checkBeforeOpen(posix);
        for (int i = 0; i < PidFile.MAX_ATTEMPTS; i++) {
            OptionalInt fd = open();
            if (fd.isPresent() && lock(fd.getAsInt())) {
                return fd.getAsInt();
            }
        }
        throw new FileRefusedException(
                path.quoted() + ": removed by another process at each attempt; start again");
    }

    /** Acquires the lock of the open file. Returns false if the path no longer leads to this file. */
    private boolean lock(int fd) throws FileRefusedException {
        FileStatus status = process.fstat(fd);
        file.check(status, process.getuid());
        opened = status;
        if (hasCreated) {
            setMode(fd, status); // at once: the umask may deny a later opening even to the owner
        }
        if (!process.tryFlock(fd, FlockOperation.LOCK_EX)) {
            removal.cancel();
            throw new PidFileInUseException("the lock of " + path.quoted() + " is held");
        }
        if (!file.isUnchanged(status, process)) {
            process.close(fd);
            return false;
        }
        file.checkLocked(posix);
        if (!hasCreated || fd != expectedDescriptor) { // a new removal is not in force until it is complete
            removal.unlink(fd);
        }
        if (!hasCreated) {
            setMode(fd, status);
        }
        return true;
    }

    private void setMode(int fd, FileStatus status) {
        if (!status.permissions().equals(MODE)) {
            process.fchmod(fd, MODE);
        }
    }

    /** Opens the file. Returns empty if the file existed, and was removed before the opening. */
    private OptionalInt open() throws FileRefusedException {
        try {
            return OptionalInt.of(create());
        } catch (PosixException e) {
            if (!e.errno().equals(Errno.EEXIST)) {
                throw e;
            }
            removal.cancel();
        }
        try {
            return OptionalInt.of(process.open(path, FLAGS, MODE));
        } catch (PosixException e) {
            if (!e.errno().equals(Errno.ENOENT)) {
                throw e;
            }
            return OptionalInt.empty();
        }
    }

    /**
     * Creates the file. The removal on launcher death must be set up before, since the launcher may die right
     * after the call. If the file exists already, nothing must be removed. So the removal is set up for the
     * lowest free descriptor, which the file gets if it is created. While nothing is open there, no lock can
     * be acquired and nothing is removed.
     */
    private int create() throws FileRefusedException {
        expectedDescriptor = removal.nextFreeDescriptor();
        removal.unlink(expectedDescriptor);
        Set<OpenFlag> flags = new HashSet<>(FLAGS);
        flags.add(OpenFlag.O_CREAT);
        flags.add(OpenFlag.O_EXCL);
        hasCreated = true; // until a failure proves the opposite: the reply may be lost
        try {
            return process.open(path, flags, MODE);
        } catch (PosixException e) {
            hasCreated = !e.call().function().equals("open");
            throw e;
        }
    }

    /**
     * Writes the record and then the number, by the process that holds the lock, and verifies both. The
     * record comes first, so that the number is never there without the record.
     *
     * @param fd the process's descriptor that holds the lock
     * @throws FileRefusedException if a call of the process fails, or the files do not contain what was
     *        written
     * @throws PosixException if a call of this process fails
     */
    public void write(int fd, int pid, DaemonRecord.Mode mode, Program program)
            throws FileRefusedException {
        Optional<DaemonRecord> daemon = DaemonRecord.of(pid, mode, program);
        if (daemon.isEmpty()) {
            throw new FileRefusedException("process " + pid + " cannot be seen in /proc");
        }
        file.record().checkBeforeOpen(posix);
        boolean isRecorded = file.record().write(daemon.get(), process);
        writeNumber(fd, pid);
        verify(fd, pid, isRecorded ? daemon : Optional.empty());
    }

    /**
     * Writes the id of the process that holds the lock, and waits until the number is on the disk.
     *
     * @throws FileRefusedException if a call fails; the message names the file
     */
    public void writeNumber(int fd, int pid) throws FileRefusedException {
        byte[] line = (pid + "\n").getBytes(StandardCharsets.US_ASCII);
        int writing = process.open(path, OpenFlag.guarded(OpenFlag.O_WRONLY), FileMode.of(0));
        try {
            if (!process.fstat(writing).isSameFileAs(process.fstat(fd))) {
                throw new FileRefusedException(path.quoted() + " was replaced");
            }
            process.ftruncate(writing, 0);
            if (process.write(writing, line) != line.length) {
                throw new FileRefusedException(path.quoted() + " could not be written whole");
            }
            process.fsync(writing);
            process.close(writing);
        } catch (PosixException e) {
            throw new FileRefusedException(path.quoted() + ": " + e.getMessage(), e.errno());
        }
    }

    /**
     * Verifies the result independently of what the calls have returned. The file at the path must have the
     * number. The kernel must show that the process holds the lock by its descriptor.
     *
     * @throws PosixException if a call fails
     */
    private void verify(int fd, int pid, Optional<DaemonRecord> recorded) throws FileRefusedException {
        PidFile.Opened found = file.open(posix);
        try {
            if (PidFile.content(found, posix).number() != pid) {
                throw new FileRefusedException(path.quoted() + " does not hold what was written to it");
            }
            if (recorded.isPresent()) {
                file.record().verify(recorded.get(), found.status(), posix);
            }
            boolean isHeld = switch (ProcLocks.holds(pid, fd)) {
                case YES -> true;
                case NO -> false;
                case HIDDEN -> !posix.tryFlock(found.fd(), FlockOperation.LOCK_SH); // closing unlocks
            };
            if (!isHeld) {
                throw new FileRefusedException(
                        path.quoted() + ": process " + pid
                                + " acquired the lock, and does not hold it any more");
            }
        } catch (UncheckedIOException e) {
            throw new FileRefusedException(path.quoted() + ": " + e.getMessage());
        } finally {
            posix.closeQuietly(found.fd());
        }
    }

    /** Returns the descriptor that the next opening in a process gets. */
    public static int nextFreeDescriptor(CString path, ForkedProcess process)
            throws FileRefusedException {
        try {
            int lowest = process.duplicateFrom(process.controlFd(), 0);
            process.close(lowest);
            return lowest;
        } catch (PosixException e) { // its message does not name the file
            throw new FileRefusedException(path.quoted() + ": " + e.getMessage(), e.errno());
        }
    }
}
