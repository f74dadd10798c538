package io.github.daemonsteps.daemon.control;

import io.github.daemonsteps.daemon.KillMode;
import io.github.daemonsteps.daemon.ReloadResult;
import io.github.daemonsteps.daemon.Status;
import io.github.daemonsteps.daemon.StopResult;
import io.github.daemonsteps.daemon.config.DaemonConfig;
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
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** Signals to a daemon that runs: to the very process that {@link PidFileProbe} has found, and to its own process group. */
public final class DaemonController {

    /** A process that does not end within this time after SIGKILL hangs in the kernel. */
    private static final Duration KILL_DEADLINE = Duration.ofSeconds(30);

    /** How long a reload watches whether the program dies of the signal although it catches it. */
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
        return seen.state() instanceof Status.State.Unknown unknown
                ? new Status(seen.name(), new Status.State.Unknown(
                        unknown.why() + OtherFiles.pidFileAdvice(config), unknown.errno()),
                        seen.pidFile(), seen.log(), seen.isLogRemoved())
                : seen;
    }

    /** Returns the status without advice on other files, for a start that gives its own. */
    public Status look() {
        Status.State state = PidFileProbe.state(new PidFile(config.pidFile()), posix);
        ProcLink output = output(state);
        return new Status(config.name(), state, config.pidFile(), output == null ? null : output.path(),
                output != null && output.isRemoved());
    }

    /** Returns the file that the daemon writes to if it runs, else the file that it would write to. */
    private @Nullable ProcLink output(Status.State state) {
        CString log = config.ownLog();
        if (state instanceof Status.State.Running running) {
            try {
                return ProcLink.read(CString.of("/proc/" + running.pid() + "/fd/1"), posix);
            } catch (PosixException hidden) {
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
                case Status.State.NotRunning _ ->
                    new StopResult.NotRunning(name, config.pidFile(), List.of());
                case Status.State.Dead _ -> new StopResult.NotRunning(name, config.pidFile(),
                        remover().remove().warning().stream().toList());
                case Status.State.Running running -> stop(running.pid());
                case Status.State.Starting starting -> stop(starting.pid());
                case Status.State.LockInherited _,Status.State.LockedByOther _ ->
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

    private PidFileRemover remover() {
        return new PidFileRemover(new PidFile(config.pidFile()), posix);
    }

    private StopResult stop(int pid) {
        try (var watch = TrackedProcess.of(posix, pid)) {
            if (!stillRuns(pid)) {
                return new StopResult.NotRunning(config.name(), config.pidFile(), List.of()); // it has ended meanwhile
            }
            try (var group = config.killMode() != KillMode.PROCESS && isRecordedAsDaemon(pid)
                    ? ProcessGroup.of(watch, posix)
                    : ProcessGroup.none(watch, posix)) {
                return end(watch, group, config.stopSignal(), Deadline.in(config.stopTimeout()));
            }
        }
    }

    /**
     * Whether a start has given the process a group of its own. The group of an application in the foreground belongs to a
     * shell or a supervisor; without a record the two cannot be told apart.
     */
    private boolean isRecordedAsDaemon(int pid) {
        try {
            return new PidFile(config.pidFile()).recordOf(pid, posix)
                    .filter(it -> it.mode() == DaemonRecord.Mode.DAEMON).isPresent();
        } catch (PidFile.RefusedException e) {
            return false; // replaced since the status was asked: nothing is known of its group
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
        boolean forced = !watch.awaitEnd(nanoTime);
        if (forced) {
            group.scan(); // as long as the daemon lives its group is seen for certain
            watch.signal(Signal.SIGKILL);
            if (!watch.awaitEnd(Deadline.in(KILL_DEADLINE))) {
                return new StopResult.Failed(name,
                        "process " + pid + " does not end, though it was sent SIGKILL", null);
            }
        }
        group.end(signal, nanoTime, KILL_DEADLINE);
        OptionalInt holder = endHeirs(group, signal, nanoTime);
        List<String> warnings = holder.isEmpty()
                ? remover().removeOf(pid).warning().stream().toList()
                : List.of();
        return group.remaining().stream().findFirst().<StopResult>map(left -> new StopResult.Failed(name,
                "process " + pid + " has ended, but process " + left.pid() + " of its group goes on: "
                        + left.reason(),
                left.errno().orElse(null)))
                .orElseGet(() -> new StopResult.Stopped(name, pid, forced, group.ended(), holder, warnings));
    }

    /** Ends processes of the group that only the daemon's lock identifies. Returns the process that holds the lock then. */
    private OptionalInt endHeirs(ProcessGroup group, Signal signal, long nanoTime) {
        OptionalInt holder = holder();
        while (holder.isPresent() && group.adopt(holder.getAsInt(), this::isHolder)) {
            group.end(signal, nanoTime, KILL_DEADLINE);
            holder = holder();
        }
        return holder;
    }

    /** Returns a process that has the lock from the daemon, which has ended; -1 if it cannot be seen. */
    private OptionalInt holder() {
        return status().state() instanceof Status.State.LockInherited left
                ? OptionalInt.of(left.holder())
                : OptionalInt.empty();
    }

    private boolean isHolder(int pid) {
        return holder().equals(OptionalInt.of(pid));
    }

    /**
     * Reads the state again after the watch was bound to the process that has the number now. A running state proves that
     * the watched process is the daemon, since the lock or the record has identified it.
     */
    private boolean stillRuns(int pid) {
        return switch (status().state()) {
            case Status.State.Running running -> running.pid() == pid;
            case Status.State.Starting starting -> starting.pid() == pid;
            default -> false;
        };
    }

    public ReloadResult reload() {
        String name = config.name();
        try {
            return switch (status().state()) {
                case Status.State.Running running -> reload(running.pid());
                case Status.State.LockInherited left when left.holder() < 0 ->
                    new ReloadResult.Failed(name, status().text(), null);
                case Status.State.NotRunning _,Status.State.Dead _,Status.State.LockInherited _ ->
                    new ReloadResult.NotRunning(name, config.pidFile());
                case Status.State.Starting starting ->
                    new ReloadResult.Failed(name, "process " + starting.pid() + " is being started", null);
                case Status.State.LockedByOther _ ->
                    new ReloadResult.Failed(name, status().text(), null);
                case Status.State.Unknown unknown ->
                    new ReloadResult.Failed(name, unknown.why(), unknown.errno());
            };
        } catch (PosixException failed) {
            return new ReloadResult.Failed(name, failed.getMessage(), failed.errno());
        } catch (UncheckedIOException unreadable) {
            return new ReloadResult.Failed(name, String.valueOf(unreadable.getMessage()), null);
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
