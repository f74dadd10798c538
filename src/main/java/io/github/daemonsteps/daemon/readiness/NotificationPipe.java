package io.github.daemonsteps.daemon.readiness;

import io.github.daemonsteps.daemon.Readiness;
import io.github.daemonsteps.ffm.NativePosix;
import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.FileStatus;
import io.github.daemonsteps.posix.ForkedProcess;
import io.github.daemonsteps.posix.OpenFlag;
import io.github.daemonsteps.posix.Posix;
import io.github.daemonsteps.process.UserIdentity;
import io.github.daemonsteps.steps.StepContext;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** The pipe on which a daemon reports that it is ready, if the readiness uses one. */
public final class NotificationPipe implements AutoCloseable {

    private static final int NONE = -1;

    private final NativePosix posix;
    private final int readEnd;
    /** The descriptor in the daemon. */
    private final int daemonFd;
    private int writeEnd;

    private NotificationPipe(NativePosix posix, int readEnd, int writeEnd, int wanted) {
        this.posix = posix;
        this.readEnd = readEnd;
        this.writeEnd = writeEnd;
        this.daemonFd = wanted;
    }

    /**
     * Creates the pipe.
     *
     * @param first the lowest descriptor that the pipe may have in the daemon
     */
    public static NotificationPipe of(Readiness readiness, NativePosix posix, int first) {
        if (readiness instanceof Readiness.AliveAfter) {
            return new NotificationPipe(posix, NONE, NONE, NONE);
        }
        Posix.Pipe pipe = posix.pipe2(Set.of(OpenFlag.O_CLOEXEC));
        int lowest = readiness instanceof Readiness.NotificationFd newline ? newline.fd() : first;
        try {
            // If the number is free here, reserving it keeps it free in the process that inherits it. If it
            // is not free, it is a file of the launcher's, which the daemon does not need.
            int writeEnd = posix.duplicateFrom(pipe.writeEnd(), lowest);
            int wanted = readiness instanceof Readiness.NotificationFd newline ? newline.fd() : writeEnd;
            return new NotificationPipe(posix, pipe.readEnd(), writeEnd, wanted);
        } catch (RuntimeException e) {
            posix.closeQuietly(pipe.readEnd());
            throw e;
        } finally {
            posix.closeQuietly(pipe.writeEnd());
        }
    }

    /** Returns the launcher's end, -1 if there is not a pipe. */
    public int readEnd() {
        return readEnd;
    }

    /** Returns the daemon's end, as its number in the daemon. */
    public OptionalInt descriptor() {
        return daemonFd == NONE ? OptionalInt.empty() : OptionalInt.of(daemonFd);
    }

    /** Duplicates the daemon's end to its number in the daemon. */
    public void dupInto(ForkedProcess process) {
        if (daemonFd != writeEnd) {
            if (daemonFd == process.controlFd()) {
                throw new IllegalStateException(
                        "descriptor " + daemonFd + " became free while the process was made");
            }
            process.dup2(writeEnd, daemonFd);
        }
    }

    /** Returns whether the pipe is open in the process of a step, on the descriptor that the daemon uses. */
    public boolean isPlaced(StepContext context) {
        Optional<FileStatus> linked = context.linked("fd/" + daemonFd);
        FileStatus open = linked.isPresent() ? linked.get() : context.process().fstat(daemonFd);
        return open.isSameFileAs(posix.fstat(readEnd));
    }

    /**
     * Returns the variable that describes the pipe to the daemon.
     *
     * @param pid the daemon's process
     * @param directory the directory of this process
     */
    public CString variable(int pid, long startTime, CString directory) {
        return Handshake.variable(pid, startTime, daemonFd, posix.fstat(readEnd).ino(), posix.getuid(),
                directory);
    }

    /** Lets another user open the pipe: a daemon opens its end anew by its link in {@code /proc}. */
    public void chownTo(UserIdentity identity) {
        if (writeEnd != NONE) {
            posix.fchown(writeEnd, identity.uid(), identity.gid());
        }
    }

    /**
     * Closes this process's write end. The launcher then reaches the end of file when the daemon has closed
     * its own.
     */
    public void closeWriteEnd() {
        if (writeEnd != NONE) {
            posix.closeQuietly(writeEnd);
            writeEnd = NONE;
        }
    }

    @Override
    public void close() {
        try {
            closeWriteEnd();
        } finally {
            if (readEnd != NONE) {
                posix.closeQuietly(readEnd);
            }
        }
    }
}
