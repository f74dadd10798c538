package io.github.daemonsteps.daemon.start;

import io.github.daemonsteps.DaemonRun;
import io.github.daemonsteps.daemon.files.FileRefusedException;
import io.github.daemonsteps.daemon.pidfile.DaemonRecord;
import io.github.daemonsteps.daemon.pidfile.PidFile;
import io.github.daemonsteps.daemon.pidfile.PidFileLocker;
import io.github.daemonsteps.daemon.pidfile.PidFileRemover;
import io.github.daemonsteps.daemon.pidfile.RecordFile;
import io.github.daemonsteps.ffm.NativePosix;
import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.Deadline;
import io.github.daemonsteps.posix.ForkedProcess;
import io.github.daemonsteps.posix.ForkedProcessException;
import io.github.daemonsteps.posix.PosixException;
import io.github.daemonsteps.posix.Signal;
import io.github.daemonsteps.posix.WaitStatus;
import io.github.daemonsteps.process.Program;
import io.github.daemonsteps.procfs.TrackedProcess;
import io.github.daemonsteps.steps.extra.BoundSockets;
import java.time.Duration;
import java.util.Optional;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/**
 * The process and the pid file that a start has created so far. If the start does not succeed, a rollback
 * kills the process and removes the file. The rollback is also done if this JVM is shut down meanwhile.
 *
 * <p>The session leader stays until the end of the start. As the daemon's parent, the leader learns how the
 * daemon has exited. While the leader lives, the number of the process group cannot be reused. Then the
 * leader exits, so the daemon is an orphan and not a child of this JVM.
 */
final class StartTransaction implements AutoCloseable {

    /** The beginning of the reason if the daemon has exited by itself. */
    static final String EXITED = "exited with status ";

    private static final int NO_DESCRIPTOR = -1;

    private static final Duration END_DEADLINE = Duration.ofSeconds(30);

    private final PidFile pidFile;
    private final NativePosix posix;
    private final Thread onExit = new Thread(this::cancel, "daemon-steps cancel");
    private @Nullable DaemonRun run;
    private @Nullable ForkedProcess leader;
    private @Nullable TrackedProcess watch;
    private boolean hasPidFile;
    /** The open record that this start has written. A stop notes itself there before it signals. */
    private int notes = RecordFile.NONE;
    private @Nullable PidFileLocker locker;
    private @Nullable BoundSockets sockets;
    private int lockedDescriptor = NO_DESCRIPTOR;
    private boolean finished;
    private boolean cancelled;

    StartTransaction(CString pidFile, NativePosix posix) {
        this.pidFile = new PidFile(pidFile);
        this.posix = posix;
        try {
            Runtime.getRuntime().addShutdownHook(onExit);
        } catch (IllegalStateException e) { // the JVM is already exiting
            finished = true;
            cancelled = true;
        }
    }

    /** Registers a run that has been begun. A run does not fork before its first step. */
    synchronized DaemonRun begin(DaemonRun begun) {
        ensureActive();
        run = begun;
        return begun;
    }

    /** Ensures that nothing is created after the rollback of the start. */
    private void ensureActive() {
        if (finished) {
            throw new IllegalStateException("the start was cancelled");
        }
    }

    synchronized void leader(ForkedProcess staying) {
        if (finished) {
            staying.close();
        }
        ensureActive();
        leader = staying;
    }

    synchronized void watch(int pid) {
        ensureActive();
        watch = TrackedProcess.of(posix, pid);
    }

    /**
     * Acquires the pid file by the process.
     *
     * @param program the program that the process becomes
     * @param givesUpRoot whether the process loses the right to remove the file
     */
    void takePidFile(ForkedProcess process, Program program, boolean givesUpRoot)
            throws FileRefusedException {
        hasPidFile(true); // from the first call on: the process may exit, or be killed, right after it
        PidFileLocker begun = begin(new PidFileLocker(pidFile, process, posix));
        int fd;
        try {
            fd = begun.lock();
        } catch (FileRefusedException | PosixException e) {
            hasPidFile(begun.hasCreated());
            throw e;
        }
        if (givesUpRoot) {
            leaveToLeader(process);
        }
        begun.write(fd, process.pid(), DaemonRecord.Mode.DAEMON, program);
        notes = pidFile.record().openForNotes(begun.opened().orElseThrow(), posix);
        lockedDescriptor = fd;
    }

    /** Returns the descriptor in the daemon's process that holds the lock. */
    int lockedDescriptor() {
        return lockedDescriptor;
    }

    /**
     * Lets the session leader, which stays root, remove the file in place of its child if the launcher dies.
     */
    private void leaveToLeader(ForkedProcess process) throws FileRefusedException {
        ForkedProcess root = leader();
        int pidfd = pidfd(root, process.pid());
        root.unlinkOnLauncherDeath(PidFileLocker.nextFreeDescriptor(pidFile.path(), root), pidfd,
                pidFile.path(),
                pidFile.companions());
    }

    private static int pidfd(ForkedProcess process, int child) {
        try {
            return process.pidfd_open(child);
        } catch (PosixException e) {
            return -1; // an old kernel, or a filter: the leader then waits for the whole time
        }
    }

    private synchronized ForkedProcess leader() {
        if (leader == null) {
            throw new IllegalStateException("the session leader does not exist yet");
        }
        return leader;
    }

    /** Creates the list of the sockets that the start binds. A rollback removes their files. */
    synchronized BoundSockets createSockets() {
        var begun = new BoundSockets();
        sockets = begun;
        return begun;
    }

    /** Returns the addresses of the sockets that the start has bound, for people; empty if there is none. */
    synchronized String listening() {
        if (sockets == null) {
            return "";
        }
        var addresses = new StringJoiner(", ", "listening on ", "");
        addresses.setEmptyValue("");
        for (BoundSockets.Bound socket : sockets.sockets()) {
            addresses.add(socket.text());
        }
        return addresses.toString();
    }

    private synchronized PidFileLocker begin(PidFileLocker begun) {
        locker = begun;
        return begun;
    }

    private synchronized void hasPidFile(boolean may) {
        hasPidFile = may;
    }

    /** Returns the daemon's process. */
    synchronized TrackedProcess watch() {
        if (watch == null) {
            throw new IllegalStateException("the process does not exist yet");
        }
        return watch;
    }

    /** Returns how the daemon has exited, for people. */
    synchronized String end() {
        if (RecordFile.hasStopNoted(notes, posix)) {
            return "stopped by another command";
        }
        try {
            if (leader != null && watch != null) {
                return switch (leader.waitpid(watch.pid())) {
                    case WaitStatus.Exited exited -> EXITED + exited.status();
                    case WaitStatus.Signaled killed ->
                        "killed by signal " + killed.signal().number() + " ("
                                + killed.signal().name() + ")";
                    case WaitStatus.StillRunning _ -> "still running";
                };
            }
        } catch (PosixException | ForkedProcessException e) {
            return "exited; status unknown: " + e.getMessage();
        }
        return "exited; status unknown";
    }

    /**
     * Returns how the process that takes the steps has exited; empty if it has not, or if this is unknown.
     */
    synchronized Optional<String> endDuringSteps() {
        boolean hasEnded = leader != null && watch != null && watch.awaitEnd(System.nanoTime());
        return hasEnded ? Optional.of(end()) : Optional.empty();
    }

    /** Checks that the pid file still names the daemon. */
    void checkPidFile() throws FileRefusedException {
        pidFile.checkNumber(watch().pid(), posix);
    }

    /** Commits the start when the daemon is ready. Returns false if the start was cancelled before. */
    synchronized boolean commit() {
        if (finished) {
            return false;
        }
        finished = true;
        if (leader != null) {
            try {
                leader._exit(0);
            } catch (ForkedProcessException | PosixException e) {
                // The leader has already exited or was killed, so the daemon is an orphan all the same.
            }
        }
        return true;
    }

    /** Returns whether this JVM was shut down before the daemon was ready. */
    synchronized boolean isCancelled() {
        return cancelled;
    }

    private synchronized void cancel() {
        cancelled = !finished;
        rollback();
    }

    private synchronized void rollback() {
        if (finished) {
            return;
        }
        finished = true;
        // In reverse order; if one part fails, the others are rolled back all the same.
        try (Rollback _ = this::removePidFile;
                Rollback _ = this::removeSockets;
                Rollback _ = this::closeLeader;
                Rollback _ = this::endDaemon) {
            if (run != null) {
                run.close();
            }
        }
    }

    /** A part of the rollback. */
    private interface Rollback extends AutoCloseable {
        @Override
        void close();
    }

    private synchronized void endDaemon() {
        if (watch != null) {
            watch.signal(Signal.SIGKILL);
            watch.awaitEnd(Deadline.in(END_DEADLINE));
        }
    }

    private synchronized void closeLeader() {
        if (leader != null) {
            leader.close();
        }
    }

    private synchronized void removeSockets() {
        if (sockets != null) {
            sockets.removeFiles(posix);
        }
    }

    private synchronized void removePidFile() {
        if (hasPidFile && watch != null) {
            new PidFileRemover(pidFile, posix).removeOf(watch.pid(),
                    locker == null ? Optional.empty() : locker.opened(),
                    locker != null && locker.hasCreated());
        }
    }

    @Override
    public void close() {
        try {
            rollback();
        } finally {
            detach();
        }
    }

    private synchronized void detach() {
        if (watch != null) {
            watch.close();
        }
        if (notes != RecordFile.NONE) {
            posix.closeQuietly(notes);
        }
        closeLeader();
        try {
            Runtime.getRuntime().removeShutdownHook(onExit);
        } catch (IllegalStateException e) {
            // the shutdown hook has run, or runs now
        }
    }
}
