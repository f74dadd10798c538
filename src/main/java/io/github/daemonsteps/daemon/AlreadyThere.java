package io.github.daemonsteps.daemon;

import io.github.daemonsteps.Program;
import io.github.daemonsteps.posix.NativePosix;
import io.github.daemonsteps.text.Plain;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Results of a start or a restart that ends because a daemon runs already, or because that is unknown. */
final class AlreadyThere {

    private AlreadyThere() {
    }

    /**
     * Returns the result if the daemon runs already, or if the state is unknown; null if the start may go on.
     *
     * @param program the program to start
     */
    static @Nullable StartResult of(Daemon daemon, Program program) {
        Status status = daemon.look();
        return switch (status.state()) {
            case Status.State.Running running -> running(daemon, program, running.pid());
            // The command is compared when that start has ended.
            case Status.State.Starting starting ->
                new StartResult.RunsAlready(daemon.name(), starting.pid(), true, daemon.settings().exclusive);
            case Status.State.Dead _,Status.State.NotRunning _,Status.State.LeftBehind _,Status.State.HeldByOther _,Status.State.Unknown _ ->
                refusal(daemon, status).orElse(null);
        };
    }

    /** Returns the result of a start if the daemon runs already. */
    static StartResult running(Daemon daemon, Program program, int pid) {
        return otherCommand(daemon, program, pid)
                .<StartResult>map(other -> Refusal.failed(daemon, other, null))
                .orElseGet(() -> new StartResult.RunsAlready(daemon.name(), pid, false,
                        daemon.settings().exclusive));
    }

    /**
     * Returns why a restart must not go on. A daemon that runs is not a reason, unless it is of another command.
     *
     * @param program the program to start; null if it is not known
     */
    static Optional<StartResult> refusal(Daemon daemon, @Nullable Program program) {
        Status status = daemon.look();
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

    /** Returns why this command is not the one that runs; empty if it is, or if that does not matter. */
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
        String what = running.map(it -> difference(it, program)).orElse("whose command is unknown");
        return what.isEmpty()
                ? Optional.empty()
                : Optional.of("another command runs under this name: process " + pid + ", " + what
                        + ", pid file " + Plain.of(daemon.pidFile().toString())
                        + "; give this one a name of its own with --name");
    }

    /** Returns the running program if its command differs from the given one; else an empty text. */
    private static String difference(DaemonRecord running, Program program) {
        if (running.isOf(program)) {
            return "";
        }
        return running.program().equals(program.path().quoted())
                ? running.program() + " with other arguments"
                : running.program();
    }
}
