package io.github.daemonsteps.daemon;

import io.github.daemonsteps.ProcessState;
import io.github.daemonsteps.posix.Deadline;
import io.github.daemonsteps.posix.Errno;
import io.github.daemonsteps.posix.NativePosix;
import io.github.daemonsteps.posix.PosixException;
import io.github.daemonsteps.posix.ProcessWatch;
import io.github.daemonsteps.posix.Signal;
import io.github.daemonsteps.posix.SignalSet;
import java.io.UncheckedIOException;
import java.time.Duration;

/** Signals to a daemon that runs: to the very process that has the lock, and to no other. */
final class Control {

    /** A process that does not end within this time of a SIGKILL hangs in the kernel. */
    private static final Duration KILL_DEADLINE = Duration.ofSeconds(30);

    private final Daemon daemon;
    private final NativePosix posix;

    Control(Daemon daemon) {
        this.daemon = daemon;
        this.posix = daemon.settings().posix.get();
    }

    StopResult stop() {
        String name = daemon.name();
        try {
            Status status = daemon.status();
            return switch (status.state()) {
                case Status.State.NotRunning _ -> new StopResult.NotRunning(name);
                case Status.State.Dead _ -> {
                    new PidFile(daemon.pidFile()).remove(posix);
                    yield new StopResult.NotRunning(name);
                }
                case Status.State.Running running -> stop(running.pid());
                case Status.State.Starting starting -> stop(starting.pid());
                case Status.State.LeftBehind _,Status.State.HeldByOther _ ->
                    new StopResult.Failed(name, status.text(), null);
                case Status.State.Unknown unknown ->
                    new StopResult.Failed(name, unknown.why(), unknown.errno());
            };
        } catch (PosixException failed) {
            return new StopResult.Failed(name, failed.getMessage(), failed.errno());
        } catch (UncheckedIOException unreadable) {
            return new StopResult.Failed(name, String.valueOf(unreadable.getMessage()), null);
        }
    }

    private StopResult stop(int pid) {
        try (var watch = ProcessWatch.of(posix, pid)) {
            if (!stillRuns(pid)) {
                return new StopResult.NotRunning(daemon.name()); // it has ended meanwhile
            }
            new PidFile(daemon.pidFile()).noteStop(posix);
            watch.signal(Signal.SIGTERM);
            boolean forced = !watch.awaitEnd(Deadline.in(daemon.settings().stopTimeout));
            if (forced) {
                kill(watch);
                if (!watch.awaitEnd(Deadline.in(KILL_DEADLINE))) {
                    return new StopResult.Failed(daemon.name(),
                            "process " + pid + " does not end, though it was sent SIGKILL", null);
                }
            }
            boolean leftBehind = daemon.status().state() instanceof Status.State.LeftBehind;
            // Whoever holds the lock now has it from the process that has just been seen to end.
            new PidFile(daemon.pidFile()).removeOf(pid, posix);
            return new StopResult.Stopped(daemon.name(), pid, forced, leftBehind);
        }
    }

    /**
     * First its group, while it is a member: as long as it lives the number cannot be another group's. Only a group
     * in a session that is not this process's own: a daemon's is.
     */
    private void kill(ProcessWatch watch) {
        ProcessState state = ProcessState.of(watch.pid());
        boolean groupIsItsOwn = state.pgid() > 1 && state.sid() == state.pgid()
                && state.sid() != posix.getsid(0) && !watch.awaitEnd(System.nanoTime());
        if (groupIsItsOwn) {
            try {
                posix.kill(-state.pgid(), Signal.SIGKILL);
            } catch (PosixException gone) {
                if (!gone.errno().equals(Errno.ESRCH)) {
                    throw gone;
                }
            }
        }
        watch.signal(Signal.SIGKILL);
    }

    /**
     * Asked again with the watch in hand, which is bound to the process that has the number now. A state of running is
     * never guessed: the lock or the record has shown this very process.
     */
    private boolean stillRuns(int pid) {
        return switch (daemon.status().state()) {
            case Status.State.Running running -> running.pid() == pid;
            case Status.State.Starting starting -> starting.pid() == pid;
            default -> false;
        };
    }

    ReloadResult reload() {
        String name = daemon.name();
        try {
            return switch (daemon.status().state()) {
                case Status.State.Running running -> reload(running.pid());
                case Status.State.NotRunning _,Status.State.Dead _,Status.State.LeftBehind _ ->
                    new ReloadResult.NotRunning(name);
                case Status.State.Starting starting ->
                    new ReloadResult.Refused(name, "process " + starting.pid() + " is being started", null);
                case Status.State.HeldByOther _ ->
                    new ReloadResult.Refused(name, daemon.status().text(), null);
                case Status.State.Unknown unknown ->
                    new ReloadResult.Refused(name, unknown.why(), unknown.errno());
            };
        } catch (PosixException failed) {
            return new ReloadResult.Refused(name, failed.getMessage(), failed.errno());
        } catch (UncheckedIOException unreadable) {
            return new ReloadResult.Refused(name, String.valueOf(unreadable.getMessage()), null);
        }
    }

    private ReloadResult reload(int pid) {
        String name = daemon.name();
        try (var watch = ProcessWatch.of(posix, pid)) {
            if (!stillRuns(pid)) {
                return new ReloadResult.NotRunning(name);
            }
            ProcessState state = ProcessState.of(pid);
            SignalSet caught = state.caught();
            SignalSet ignored = state.ignored();
            if (ignored != null && ignored.contains(Signal.SIGHUP)) {
                return new ReloadResult.Refused(name, "process " + pid + " ignores SIGHUP", null);
            }
            if (caught == null || !caught.contains(Signal.SIGHUP)) {
                return new ReloadResult.Refused(name,
                        "process " + pid + " does not catch SIGHUP, and would die of it", null);
            }
            watch.signal(Signal.SIGHUP);
            return new ReloadResult.Asked(name, pid);
        }
    }
}
