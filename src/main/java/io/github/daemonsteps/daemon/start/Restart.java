package io.github.daemonsteps.daemon.start;

import io.github.daemonsteps.daemon.Readiness;
import io.github.daemonsteps.daemon.RestartResult;
import io.github.daemonsteps.daemon.StartResult;
import io.github.daemonsteps.daemon.Status;
import io.github.daemonsteps.daemon.StopResult;
import io.github.daemonsteps.daemon.config.DaemonConfig;
import io.github.daemonsteps.daemon.control.DaemonController;
import io.github.daemonsteps.process.Program;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A restart. If the start would fail, nothing is stopped. The sockets of the daemon stay open for the next
 * one.
 */
public final class Restart {

    private Restart() {
    }

    /**
     * Restarts a daemon.
     *
     * @param listener receives the result of a stop that succeeded, before the start
     */
    public static RestartResult run(DaemonConfig config, Program program, Readiness readiness,
            Consumer<StopResult> listener) {
        Optional<StartResult> refusal = DryRun.refusal(config, program, readiness);
        return refusal.isPresent()
                ? refused(config, refusal.get())
                : stopAndStart(config, program, readiness, listener);
    }

    private static RestartResult stopAndStart(DaemonConfig config, Program program, Readiness readiness,
            Consumer<StopResult> listener) {
        if (!config.hasSockets()) { // then no class of sockets is loaded
            return stopAndStart(config, program, readiness, listener, null);
        }
        SocketPlan plan = StartPlan.of(config).sockets();
        try (var held = new HeldSockets(config.posix(), config.identity())) {
            int daemon = plan == null ? 0 : pid(new DaemonController(config).look().state());
            if (plan != null && daemon > 0) {
                held.hold(plan.toBind(), daemon, lowest(plan, readiness));
            }
            return stopAndStart(config, program, readiness, listener, held);
        }
    }

    private static RestartResult stopAndStart(DaemonConfig config, Program program, Readiness readiness,
            Consumer<StopResult> listener, @Nullable HeldSockets held) {
        StopResult stopped = new DaemonController(config).stop();
        if (stopped instanceof StopResult.Failed failed) {
            return new RestartResult.NotStopped(failed);
        }
        listener.accept(stopped);
        if (held == null) {
            return new RestartResult.Restarted(stopped, Start.run(config, program, readiness));
        }
        StartResult started = Start.run(config, program, readiness, held.listening(), held::close);
        return new RestartResult.Restarted(stopped, Start.withWarnings(started, held.warnings()));
    }

    /** Returns the pid of a daemon that runs or starts; 0 if none does. */
    private static int pid(Status.State state) {
        if (state instanceof Status.State.Running running) {
            return running.pid();
        }
        return state instanceof Status.State.Starting starting ? starting.pid() : 0;
    }

    /** Returns the lowest descriptor that has no use in the start. */
    private static int lowest(SocketPlan plan, Readiness readiness) {
        return readiness instanceof Readiness.NotificationFd newline
                ? Math.max(plan.end(), newline.fd() + 1)
                : plan.end();
    }

    /** Returns the result for a start that would fail. */
    static RestartResult refused(DaemonConfig config, StartResult why) {
        return new RestartResult.Refused(why,
                why instanceof StartResult.Failed
                        && new DaemonController(config).look().state() instanceof Status.State.Running running
                                ? running.pid()
                                : null);
    }
}
