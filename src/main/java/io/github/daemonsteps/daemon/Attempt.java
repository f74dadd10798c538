package io.github.daemonsteps.daemon;

import io.github.daemonsteps.DaemonRun;
import io.github.daemonsteps.Program;
import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.Deadline;
import io.github.daemonsteps.posix.ForkedProcess;
import io.github.daemonsteps.posix.ForkedProcessException;
import io.github.daemonsteps.posix.NativePosix;
import io.github.daemonsteps.posix.PosixException;
import io.github.daemonsteps.posix.ProcessWatch;
import io.github.daemonsteps.posix.Signal;
import io.github.daemonsteps.posix.WaitStatus;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a start has made until now. If it does not succeed nothing of that stays: no process and no pid file. That
 * holds too when this JVM is told to end meanwhile.
 *
 * <p>The session leader stays until the end of the start. It is the daemon's parent, and so the one that learns how
 * the daemon has ended; and while it lives the number of the process group cannot become a stranger's. Then it exits,
 * and the daemon is an orphan as a daemon should be: no child of this JVM, however long that lives.
 */
final class Attempt implements AutoCloseable {

    private static final Duration END_DEADLINE = Duration.ofSeconds(30);

    private final PidFile pidFile;
    private final NativePosix posix;
    private final Thread onExit = new Thread(this::cancel, "daemon-steps cancel");
    private @Nullable DaemonRun run;
    private @Nullable ForkedProcess leader;
    private @Nullable ProcessWatch watch;
    private boolean hasPidFile;
    /** The record that this start has written, open: a stop notes itself there before it signals. */
    private int notes = RecordFile.NONE;
    private @Nullable Claim claim;
    private boolean over;
    private boolean cancelled;

    Attempt(CString pidFile, NativePosix posix) {
        this.pidFile = new PidFile(pidFile);
        this.posix = posix;
        try {
            Runtime.getRuntime().addShutdownHook(onExit);
        } catch (IllegalStateException ending) {
            over = true;
            cancelled = true;
        }
    }

    /** A run that has been begun: nothing is forked before its first step is asked for. */
    synchronized DaemonRun begin(DaemonRun begun) {
        goOn();
        run = begun;
        return begun;
    }

    /** Nothing is made any more once what was made has been undone. */
    private void goOn() {
        if (over) {
            throw new IllegalStateException("the start was cancelled");
        }
    }

    synchronized void leader(ForkedProcess staying) {
        if (over) {
            staying.close();
        }
        goOn();
        leader = staying;
    }

    synchronized void watch(int pid) {
        goOn();
        watch = ProcessWatch.of(posix, pid);
    }

    /**
     * @param program what the process will become
     * @param givesUpRoot whether the process will lose the right to remove the file
     */
    int takePidFile(ForkedProcess process, Program program, boolean givesUpRoot) throws PidFile.Refused {
        pidFile.checkUnopened(posix);
        hasPidFile(true); // from the first call on: the process may end, or be ended, right behind it
        Claim begun = begin(new Claim(pidFile, process, posix));
        int fd;
        try {
            fd = begun.lock();
        } catch (PidFile.Refused | PosixException failed) {
            hasPidFile(begun.hasMade());
            throw failed;
        }
        if (givesUpRoot) {
            leaveToLeader(process);
        }
        pidFile.claim(fd, process.pid(), process, DaemonRecord.Mode.DAEMON, program, posix);
        notes = pidFile.record().openForNotes(posix);
        return fd;
    }

    /** The session leader stays root. If all are abandoned it removes the file in place of its child. */
    private void leaveToLeader(ForkedProcess process) throws PidFile.Refused {
        ForkedProcess root = leader();
        int pidfd = pidfd(root, process.pid());
        root.unlinkIfAbandoned(Claim.lowestFree(pidFile.path(), root), pidfd, pidFile.path(),
                pidFile.companions());
    }

    private static int pidfd(ForkedProcess process, int child) {
        try {
            return process.pidfd_open(child);
        } catch (PosixException none) {
            return -1; // too old a kernel, or a filter: then the whole time is waited
        }
    }

    private synchronized ForkedProcess leader() {
        if (leader == null) {
            throw new IllegalStateException("there is no session leader yet");
        }
        return leader;
    }

    private synchronized Claim begin(Claim begun) {
        claim = begun;
        return begun;
    }

    private synchronized void hasPidFile(boolean may) {
        hasPidFile = may;
    }

    /** The daemon's process. */
    synchronized ProcessWatch watch() {
        if (watch == null) {
            throw new IllegalStateException("there is no process yet");
        }
        return watch;
    }

    /** How the daemon has ended, for people. */
    synchronized String end() {
        if (RecordFile.hasStopNoted(notes, posix)) {
            return "a stop ended it";
        }
        try {
            if (leader != null && watch != null) {
                return switch (leader.waitpid(watch.pid())) {
                    case WaitStatus.Exited exited -> "it ended with exit status " + exited.status();
                    case WaitStatus.Killed killed -> "it died with signal " + killed.signal().number() + " ("
                            + killed.signal().name() + ")";
                    case WaitStatus.Running _ -> "it has not ended";
                };
            }
        } catch (PosixException | ForkedProcessException unknown) {
            return "it ended, and how cannot be known: " + unknown.getMessage();
        }
        return "it ended";
    }

    /** How the process has ended that takes the steps; empty if it has not, or that cannot be known. */
    synchronized Optional<String> endDuringSteps() {
        boolean hasEnded = leader != null && watch != null && watch.awaitEnd(System.nanoTime());
        return hasEnded ? Optional.of(end()) : Optional.empty();
    }

    /** Whether the pid file still names the daemon: nobody would find it otherwise. */
    boolean hasStillPidFile() {
        return pidFile.names(watch().pid(), posix);
    }

    /** The daemon is ready, and from now on on its own. Returns false if it was cancelled before. */
    synchronized boolean succeed() {
        if (over) {
            return false;
        }
        over = true;
        if (leader != null) {
            try {
                leader._exit(0);
            } catch (ForkedProcessException | PosixException gone) {
                // It is ended then, or somebody has killed it: so it makes way all the same.
            }
        }
        return true;
    }

    /** Whether this JVM has been told to end before the daemon was ready. */
    synchronized boolean isCancelled() {
        return cancelled;
    }

    private synchronized void cancel() {
        cancelled = !over;
        undo();
    }

    private synchronized void undo() {
        if (over) {
            return;
        }
        over = true;
        // The last one first; whatever of it fails, all the rest is undone.
        try (Undo _ = this::removePidFile; Undo _ = this::closeLeader; Undo _ = this::endDaemon) {
            if (run != null) {
                run.close();
            }
        }
    }

    /** A part of it. */
    private interface Undo extends AutoCloseable {
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

    private synchronized void removePidFile() {
        if (hasPidFile && watch != null) {
            pidFile.removeOf(watch.pid(), claim == null ? Optional.empty() : claim.made(), posix);
        }
    }

    @Override
    public void close() {
        try {
            undo();
        } finally {
            release();
        }
    }

    private synchronized void release() {
        if (watch != null) {
            watch.close();
        }
        if (notes != RecordFile.NONE) {
            posix.discard(notes);
        }
        closeLeader();
        try {
            Runtime.getRuntime().removeShutdownHook(onExit);
        } catch (IllegalStateException alreadyEnding) {
            // then it has run, or does so now
        }
    }
}
