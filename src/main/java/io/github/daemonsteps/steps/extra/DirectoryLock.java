package io.github.daemonsteps.steps.extra;

import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.FileMode;
import io.github.daemonsteps.posix.FlockOperation;
import io.github.daemonsteps.posix.OpenFlag;
import io.github.daemonsteps.posix.Posix;
import io.github.daemonsteps.posix.PosixException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;

/**
 * The lock of a directory, by flock(2). A start that has it can look at a socket file and then remove it:
 * meanwhile no other start puts its own socket in the place of the file.
 *
 * <p>Any user who may read the directory can lock it. So a start waits only for a while, and then goes on
 * without the lock. It also does so if it may not read the directory, or the file system has no locks.
 */
final class DirectoryLock implements AutoCloseable {

    /** The time that a start waits for all of its locks together. */
    static final Duration PATIENCE = Duration.ofSeconds(5);

    private static final long RETRY_INTERVAL_NANOS = 10_000_000;

    private static final Set<OpenFlag> FLAGS =
            Set.of(OpenFlag.O_RDONLY, OpenFlag.O_DIRECTORY, OpenFlag.O_CLOEXEC);

    private static final int NOT_OPEN = -1;

    private final Posix process;
    private final int fd;

    private DirectoryLock(Posix process, int fd) {
        this.process = process;
        this.fd = fd;
    }

    /**
     * Acquires the lock, if that is possible.
     *
     * @param process the process that gets the lock
     * @param directory the directory
     * @param until the time of {@link System#nanoTime} after which the process does not wait
     */
    static DirectoryLock acquire(Posix process, CString directory, long until) {
        int fd;
        try {
            fd = process.open(directory, FLAGS, FileMode.of(0));
        } catch (PosixException e) {
            return new DirectoryLock(process, NOT_OPEN);
        }
        try {
            while (!process.tryFlock(fd, FlockOperation.LOCK_EX) && System.nanoTime() - until < 0) {
                LockSupport.parkNanos(RETRY_INTERVAL_NANOS);
            }
        } catch (PosixException e) { // a file system without locks
            // The start goes on.
        }
        return new DirectoryLock(process, fd);
    }

    @Override
    public void close() {
        if (fd != NOT_OPEN) {
            process.close(fd);
        }
    }
}
