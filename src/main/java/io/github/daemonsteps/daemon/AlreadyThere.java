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
     * @param program what is to be started; null if that is not known
     */
    static @Nullable StartResult of(Daemon daemon, @Nullable Program program) {
        Status status = daemon.status();
        return switch (status.state()) {
            case Status.State.Running running -> of(daemon, program, running.pid(), false);
            case Status.State.Starting starting -> of(daemon, program, starting.pid(), true);
            case Status.State.Dead _,Status.State.NotRunning _ -> null;
            case Status.State.LeftBehind _,Status.State.HeldByOther _ ->
                Refusal.failed(daemon, status.text(), null);
            case Status.State.Unknown unknown -> Refusal.failed(daemon, unknown.why(), unknown.errno());
        };
    }

    /** What is in the way of a restart: a daemon that runs is not, unless it is another command's. */
    static Optional<StartResult> refusal(Daemon daemon, @Nullable Program program) {
        return Optional.ofNullable(of(daemon, program)).filter(it -> it instanceof StartResult.Failed);
    }

    private static StartResult of(Daemon daemon, @Nullable Program program, int pid, boolean starting) {
        Optional<String> other = otherCommand(daemon, program, pid);
        return other.isPresent()
                ? Refusal.failed(daemon, other.get(), null)
                : new StartResult.RunsAlready(daemon.name(), pid, starting, daemon.settings().exclusive);
    }

    /** Why this command must not be taken for the one that runs; empty if it may. */
    private static Optional<String> otherCommand(Daemon daemon, @Nullable Program program, int pid) {
        if (!daemon.settings().sameCommand || program == null) {
            return Optional.empty();
        }
        NativePosix posix = daemon.settings().posix.get();
        Optional<DaemonRecord> running;
        try {
            running = new PidFile(daemon.pidFile()).living(posix);
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
