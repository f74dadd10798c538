package io.github.daemonsteps.daemon;

import io.github.daemonsteps.Program;
import io.github.daemonsteps.posix.NativePosix;
import io.github.daemonsteps.text.Plain;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What is in the way of a daemon that is about to take its pid file. */
final class AlreadyThere {

    private AlreadyThere() {
    }

    /**
     * The result of a start that ends here: the daemon runs already, or that cannot be told; null if nothing is there.
     *
     * @param program what is to be started
     */
    static @Nullable StartResult of(Daemon daemon, Program program) {
        Status status = daemon.status();
        return switch (status.state()) {
            case Status.State.Running running -> running(daemon, program, running.pid());
            // Which command that is can be told when its start has come to an end.
            case Status.State.Starting starting ->
                new StartResult.RunsAlready(daemon.name(), starting.pid(), true, daemon.settings().exclusive);
            case Status.State.Dead _,Status.State.NotRunning _,Status.State.LeftBehind _,Status.State.HeldByOther _,Status.State.Unknown _ ->
                refusal(daemon, status).orElse(null);
        };
    }

    /** The result of a start beside a daemon that runs. */
    static StartResult running(Daemon daemon, Program program, int pid) {
        return otherCommand(daemon, program, pid)
                .<StartResult>map(other -> Refusal.failed(daemon, other, null))
                .orElseGet(() -> new StartResult.RunsAlready(daemon.name(), pid, false,
                        daemon.settings().exclusive));
    }

    /**
     * What is in the way of a restart: a daemon that runs is not, unless it is another command's.
     *
     * @param program what is to be started; null if that is not known
     */
    static Optional<StartResult> refusal(Daemon daemon, @Nullable Program program) {
        Status status = daemon.status();
        Optional<String> other = switch (status.state()) {
            case Status.State.Running running -> otherCommand(daemon, program, running.pid());
            case Status.State.Starting starting -> otherCommand(daemon, program, starting.pid());
            default -> Optional.empty();
        };
        return other.<StartResult>map(it -> Refusal.failed(daemon, it, null))
                .or(() -> refusal(daemon, status));
    }

    private static Optional<StartResult> refusal(Daemon daemon, Status status) {
        return switch (status.state()) {
            case Status.State.LeftBehind _,Status.State.HeldByOther _ ->
                Optional.of(Refusal.failed(daemon, status.text(), null));
            case Status.State.Unknown unknown ->
                Optional.of(Refusal.failed(daemon, unknown.why(), unknown.errno()));
            case Status.State.Running _,Status.State.Starting _,Status.State.Dead _,Status.State.NotRunning _ ->
                Optional.empty();
        };
    }

    /** Why this command must not be taken for the one that runs; empty if it may. */
    private static Optional<String> otherCommand(Daemon daemon, @Nullable Program program, int pid) {
        if (!daemon.settings().sameCommand || program == null) {
            return Optional.empty();
        }
        NativePosix posix = daemon.settings().posix.get();
        Optional<DaemonRecord> running;
        try {
            running = new PidFile(daemon.pidFile()).recordOf(pid, posix);
        } catch (PidFile.Refused refused) {
            return Optional.of(refused.getMessage());
        }
        String what = running.map(it -> it.isOf(program) ? "" : it.program())
                .orElse("which command it is cannot be told");
        return what.isEmpty()
                ? Optional.empty()
                : Optional.of("another command runs under this name: process " + pid + ", " + what
                        + ", pid file " + Plain.of(daemon.pidFile().toString())
                        + "; give this one a name of its own with --name");
    }
}
