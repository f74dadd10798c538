package io.github.daemonsteps.daemon.control;

import io.github.daemonsteps.daemon.KillMode;
import io.github.daemonsteps.daemon.ReloadResult;
import io.github.daemonsteps.daemon.Status;
import io.github.daemonsteps.daemon.Status.State;
import io.github.daemonsteps.daemon.StopResult;
import io.github.daemonsteps.daemon.config.DaemonConfig;
import io.github.daemonsteps.daemon.files.FileRefusedException;
import io.github.daemonsteps.daemon.pidfile.DaemonRecord;
import io.github.daemonsteps.daemon.pidfile.PidFile;
import io.github.daemonsteps.daemon.pidfile.PidFileProbe;
import io.github.daemonsteps.daemon.pidfile.PidFileRemover;
import io.github.daemonsteps.ffm.NativePosix;
import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.Deadline;
import io.github.daemonsteps.posix.PosixException;
import io.github.daemonsteps.posix.Signal;
import io.github.daemonsteps.posix.SignalSet;
import io.github.daemonsteps.process.ProcessState;
import io.github.daemonsteps.procfs.ProcLink;
import io.github.daemonsteps.procfs.ProcessStat;
import io.github.daemonsteps.procfs.TrackedProcess;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The control of a running daemon by signals: to the very process that {@link PidFileProbe} has found, and to
 * its own process group.
 */
public final class DaemonController {

    /** The time after SIGKILL. A process that has not exited by then hangs in the kernel. */
    private static final Duration KILL_DEADLINE = Duration.ofSeconds(30);

    /** The time in which a reload checks whether the program dies of the signal although it catches it. */
    private static final Duration RELOAD_WATCH = Duration.ofMillis(500);

    private final DaemonConfig config;
    private final NativePosix posix;

    public DaemonController(DaemonConfig config) {
        this.config = config;
        this.posix = config.posix();
    }

    /** Returns whether the daemon runs. */
    public Status status() {
        Status seen = look();
        return seen.state() instanceof State.Unknown unknown
                ? new Status(seen.name(), new State.Unknown(
                        unknown.why() + OtherFiles.pidFileAdvice(config), unknown.errno()),
                        seen.pidFile(), seen.log(), seen.isLogRemoved())
                : seen;
    }

    /** Returns the status without advice on other files, for a start that gives its own advice. */
    public Status look() {
        Status.State state = PidFileProbe.state(new PidFile(config.pidFile()), posix);
        ProcLink output = output(state);
        return new Status(config.name(), state, config.pidFile(), output == null ? null : output.path(),
                output != null && output.isRemoved());
    }

    /** Returns the file that the daemon writes to if it runs, else the file that it would write to. */
    private @Nullable ProcLink output(Status.State state) {
        CString log = config.ownLog();
        if (state instanceof State.Running running) {
            try {
                return ProcLink.read(CString.of("/proc/" + running.pid() + "/fd/1"), posix);
            } catch (PosixException e) {
                return log == null ? null : new ProcLink(log, false);
            }
        }
        return log == null && config.ownPidFile() != null ? null : new ProcLink(config.log(), false);
    }

    public StopResult stop() {
        String name = config.name();
        try {
            Status status = status();
            return switch (status.state()) {
                case State.NotRunning _ ->
                    new StopResult.NotRunning(name, config.pidFile(), List.of());
                case State.Dead _ -> new StopResult.NotRunning(name, config.pidFile(),
                        remover().remove().warning().stream().toList());
                case State.Running running -> stop(running.pid());
                case State.Starting starting -> stop(starting.pid());
                case State.LockInherited _,State.LockedByOther _ ->
                    new StopResult.Failed(name, status.text(), null);
                case State.Unknown unknown ->
                    new StopResult.Failed(name, unknown.why(), unknown.errno());
            };
        } catch (PosixException e) {
            return new StopResult.Failed(name, e.getMessage(), e.errno());
        } catch (UncheckedIOException e) {
            return new StopResult.Failed(name, String.valueOf(e.getMessage()), null);
        }
    }

    private PidFileRemover remover() {
        return new PidFileRemover(new PidFile(config.pidFile()), posix);
    }

    private StopResult stop(int pid) {
        try (var watch = TrackedProcess.of(posix, pid)) {
            if (!stillRuns(pid)) {
                return new StopResult.NotRunning(config.name(), config.pidFile(), List.of()); // it has exited
            }
            try (var group = config.killMode() != KillMode.PROCESS && isRecordedAsDaemon(pid)
                    ? ProcessGroup.of(watch, posix)
                    : ProcessGroup.none(watch, posix)) {
                return end(watch, group, config.stopSignal(), Deadline.in(config.stopTimeout()));
            }
        }
    }

    /**
     * Returns whether a start has given the process a group of its own. The group of an application in the
     * foreground belongs to a shell or a supervisor. Without a record the two cannot be distinguished.
     */
    private boolean isRecordedAsDaemon(int pid) {
        try {
            return new PidFile(config.pidFile()).recordOf(pid, posix)
                    .filter(it -> it.mode() == DaemonRecord.Mode.DAEMON).isPresent();
        } catch (FileRefusedException e) {
            return false; // replaced since the status was read: its group is unknown
        }
    }

    private StopResult end(TrackedProcess watch, ProcessGroup group, Signal signal, long nanoTime) {
        String name = config.name();
        int pid = watch.pid();
        group.scan();
        new PidFile(config.pidFile()).noteStop(posix);
        watch.signal(signal);
        watch.signal(Signal.SIGCONT); // a stopped process sees no other signal before
        if (config.killMode() == KillMode.GROUP) {
            group.signal(signal);
        }
        LibraryClasses.loadBeforeWait(config);
        boolean killed = !watch.awaitEnd(nanoTime);
        if (killed) {
            group.scan(); // while the daemon lives, its presence proves that the number is that of its group
            watch.signal(Signal.SIGKILL);
            if (!watch.awaitEnd(Deadline.in(KILL_DEADLINE))) {
                return new StopResult.Failed(name,
                        "process " + pid + " has not exited after SIGKILL", null);
            }
        }
        group.end(signal, nanoTime, KILL_DEADLINE);
        Optional<State.LockInherited> held = endHeirs(group, signal, nanoTime);
        List<String> warnings = held.isEmpty()
                ? remover().removeOf(pid).warning().stream().toList()
                : List.of();
        return group.remaining().stream().findFirst().<StopResult>map(left -> new StopResult.Failed(name,
                "process " + pid + " has exited, but process " + left.pid() + " of its group still runs: "
                        + left.reason(),
                left.errno().orElse(null)))
                .orElseGet(() -> new StopResult.Stopped(name, pid, killed, group.ended(), held.isPresent(),
                        held.map(State.LockInherited::holder).orElse(null), warnings));
    }

    /**
     * Ends processes of the group that only the daemon's lock identifies. Returns the state of the lock if it
     * is held then.
     */
    private Optional<State.LockInherited> endHeirs(ProcessGroup group, Signal signal, long nanoTime) {
        Optional<State.LockInherited> held = inheritedLock();
        while (held.isPresent() && held.get().holder() != null
                && group.adopt(held.get().holder(), this::isHolder)) {
            group.end(signal, nanoTime, KILL_DEADLINE);
            held = inheritedLock();
        }
        return held;
    }

    /** Returns the state of the lock if a process has inherited it from the daemon, which has ended. */
    private Optional<State.LockInherited> inheritedLock() {
        return status().state() instanceof State.LockInherited inherited
                ? Optional.of(inherited)
                : Optional.empty();
    }

    private boolean isHolder(int pid) {
        return inheritedLock().filter(inherited -> Objects.equals(inherited.holder(), pid)).isPresent();
    }

    /**
     * Reads the state again after the watch was bound to the process that has the number now. A running state
     * proves that the watched process is the daemon, since the lock or the record has identified it.
     */
    private boolean stillRuns(int pid) {
        return switch (status().state()) {
            case State.Running running -> running.pid() == pid;
            case State.Starting starting -> starting.pid() == pid;
            default -> false;
        };
    }

    public ReloadResult reload() {
        String name = config.name();
        try {
            return switch (status().state()) {
                case State.Running running -> reload(running.pid());
                case State.LockInherited left when left.holder() == null ->
                    new ReloadResult.Failed(name, status().text(), null);
                case State.NotRunning _,State.Dead _,State.LockInherited _ ->
                    new ReloadResult.NotRunning(name, config.pidFile());
                case State.Starting starting ->
                    new ReloadResult.Failed(name, "process " + starting.pid() + " is being started", null);
                case State.LockedByOther _ ->
                    new ReloadResult.Failed(name, status().text(), null);
                case State.Unknown unknown ->
                    new ReloadResult.Failed(name, unknown.why(), unknown.errno());
            };
        } catch (PosixException e) {
            return new ReloadResult.Failed(name, e.getMessage(), e.errno());
        } catch (UncheckedIOException e) {
            return new ReloadResult.Failed(name, String.valueOf(e.getMessage()), null);
        }
    }

    private ReloadResult reload(int pid) {
        String name = config.name();
        try (var watch = TrackedProcess.of(posix, pid)) {
            if (!stillRuns(pid)) {
                return new ReloadResult.NotRunning(name, config.pidFile());
            }
            ProcessState state = ProcessState.of(pid);
            Signal signal = config.reloadSignal();
            Optional<String> reason = blindness(state, signal);
            if (reason.isPresent()) {
                return new ReloadResult.Failed(name, "process " + pid + " " + reason.get(), null);
            }
            watch.signal(signal);
            return watch.awaitEnd(Deadline.in(RELOAD_WATCH))
                    ? new ReloadResult.Ended(name, pid, signal)
                    : new ReloadResult.Signalled(name, pid);
        }
    }

    /** Returns why a process would not act on a signal, or would die of it. */
    private static Optional<String> blindness(ProcessState state, Signal signal) {
        SignalSet caught = state.caught();
        SignalSet ignored = state.ignored();
        if (ignored != null && ignored.contains(signal)) {
            return Optional.of("ignores " + signal);
        }
        if (caught == null || !caught.contains(signal)) {
            return Optional.of("does not catch " + signal + ", and would die of it");
        }
        return ProcessStat.of(state.pid()).filter(ProcessStat::isStopped)
                .map(_ -> "is stopped, and would not see " + signal + " before SIGCONT");
    }
}
