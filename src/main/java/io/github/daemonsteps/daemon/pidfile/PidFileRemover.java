package io.github.daemonsteps.daemon.pidfile;

import io.github.daemonsteps.daemon.files.FileRefusedException;
import io.github.daemonsteps.ffm.NativePosix;
import io.github.daemonsteps.posix.Errno;
import io.github.daemonsteps.posix.FileStatus;
import io.github.daemonsteps.posix.FlockOperation;
import io.github.daemonsteps.posix.PosixException;
import io.github.daemonsteps.procfs.ProcLocks;
import java.io.UncheckedIOException;
import java.util.Optional;

/**
 * The removal of a pid file and its record, by this process.
 *
 * @param pidFile the pid file
 * @param posix the calls of this process
 */
public record PidFileRemover(PidFile pidFile, NativePosix posix) {

    /**
     * The result of a removal.
     *
     * @param isGone whether the file does not exist any more
     * @param warning one line, if the removal failed and the file still exists
     */
    public record Removal(boolean isGone, Optional<String> warning) {

        private static final Removal GONE = new Removal(true, Optional.empty());

        /** The result if another process holds the lock, or the name leads to another file. */
        private static final Removal NOT_OURS = new Removal(false, Optional.empty());

        /**
         * Returns the result for a failed call. EACCES needs no warning. The pid file was then prepared in a
         * directory that this user may not write to, and must stay.
         */
        private static Removal failed(PosixException failure) {
            return failure.errno().equals(Errno.EACCES)
                    ? NOT_OURS
                    : new Removal(false,
                            Optional.of("the pid file could not be removed: " + failure.getMessage()));
        }
    }

    /**
     * Removes the file, under its lock, if the file is a pid file and no other process holds the lock. If the
     * file cannot be removed, the next start acquires the existing file.
     */
    public Removal remove() {
        return removeOf(PidFile.NO_PID);
    }

    /**
     * Removes the file in the same manner, even if the lock still names the process {@code ours}. That
     * process has exited or is about to. The file stays if a living child has inherited the lock from that
     * process. The next start then reports the child, and does not start a second daemon beside it.
     */
    public Removal removeOf(int ours) {
        return removeOf(ours, Optional.empty(), false);
    }

    /**
     * Removes the file in the same manner after a failed start. A file that the start itself has created is
     * also removed if the file system does not support locks. Another process cannot hold its lock then.
     *
     * @param opened the file that the start has opened; empty if it is not known. A file that has replaced it
     *        stays
     * @param isMade whether the start has created that file
     */
    public Removal removeOf(int ours, Optional<FileStatus> opened, boolean isMade) {
        PidFile.Opened file;
        try {
            file = pidFile.open(posix);
        } catch (FileRefusedException e) {
            return Removal.NOT_OURS;
        } catch (PosixException e) {
            return e.errno().equals(Errno.ENOENT) ? Removal.GONE : Removal.failed(e);
        }
        try {
            PidFileContent content = PidFile.content(file, posix);
            if (!content.isOfPidFile()) {
                return new Removal(false, Optional.of(pidFile.notAPidFile()));
            }
            boolean isOurs = opened.filter(file.status()::isSameFileAs).isPresent();
            boolean may = (isOurs || opened.isEmpty())
                    && isFree(file.fd(), file.status(), ours, isOurs && isMade)
                    && pidFile.isUnchanged(file.status(), posix)
                    && pidFile.recorded(file, content, posix)
                            .filter(it -> it.pid() != ours && it.isAlive(posix))
                            .isEmpty();
            if (!may) {
                return Removal.NOT_OURS;
            }
            pidFile.record().remove(posix);
            posix.unlink(pidFile.path());
            return Removal.GONE;
        } catch (PosixException e) {
            return Removal.failed(e);
        } catch (UncheckedIOException e) {
            return Removal.NOT_OURS;
        } finally {
            posix.closeQuietly(file.fd());
        }
    }

    private boolean isFree(int fd, FileStatus file, int ours, boolean isMade) {
        for (int i = 0; i < PidFile.MAX_ATTEMPTS; i++) {
            try {
                if (posix.tryFlock(fd, FlockOperation.LOCK_EX)) {
                    return true;
                }
            } catch (PosixException e) { // the file system has no locks
                if (isMade && new ProcLocks(posix).acquirer(file, PidFile.NO_PID).isEmpty()) {
                    return true;
                }
                throw e;
            }
            Optional<ProcLocks.Acquirer> acquirer = new ProcLocks(posix).acquirer(file, ours);
            if (acquirer.isPresent()) {
                return acquirer.get().pid() == ours && !new ProcLocks(posix).hasHeir(ours, file);
            }
            // The lock was released since, or is not listed: try again.
        }
        // In a pid namespace the lock of an acquirer that has exited is not listed. The processes show who
        // holds it. A successor is a living acquirer, and a child of the acquirer may have inherited the
        // lock.
        var table = new ProcLocks(posix);
        return ours != PidFile.NO_PID && table.livingAcquirer(file).isEmpty() && !table.hasHeir(ours, file);
    }
}
