package io.github.daemonsteps.daemon.run;

import io.github.daemonsteps.daemon.StartResult;
import io.github.daemonsteps.daemon.config.DaemonConfig;
import io.github.daemonsteps.daemon.files.FileRefusedException;
import io.github.daemonsteps.daemon.start.Preflight;
import io.github.daemonsteps.daemon.start.SocketPlan;
import io.github.daemonsteps.ffm.NativePosix;
import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.PosixException;
import io.github.daemonsteps.process.Environment;
import io.github.daemonsteps.steps.CloseDescriptors;
import io.github.daemonsteps.steps.StepOutcome;
import io.github.daemonsteps.steps.extra.BoundSockets;
import io.github.daemonsteps.steps.extra.Listen;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The configured sockets of an application that runs in the foreground. Its own process binds those that a
 * supervisor has not passed. A running JVM has files of its own as descriptors 3, 4, and so on, so the
 * sockets have other descriptors.
 *
 * @param sockets the sockets that this process has bound
 * @param failure the reason why a socket could not be bound; null if all are
 */
record ForegroundSockets(List<BoundSockets.Bound> sockets, @Nullable StartResult failure) {

    /** Binds the sockets. If one cannot be bound, the files of the others are removed. */
    static ForegroundSockets bind(DaemonConfig config) {
        var bound = new BoundSockets();
        StartResult failure = bind(config, bound);
        if (failure != null) {
            bound.removeFiles(config.posix());
            return new ForegroundSockets(List.of(), failure);
        }
        return new ForegroundSockets(bound.sockets(), null);
    }

    private static @Nullable StartResult bind(DaemonConfig config, BoundSockets bound) {
        NativePosix posix = config.posix();
        try {
            SocketPlan plan =
                    SocketPlan.ofForeground(config.sockets(), config.socketOnStdin(),
                            Environment.inherited());
            if (plan.onStdin() != Listen.NONE && isOfJvm(posix)) {
                return Preflight.failed(config,
                        "descriptor 0 cannot become a socket: the JVM was started without descriptor 0, and"
                                + " uses the number itself; start the JVM with </dev/null",
                        null);
            }
            plan.checkBeforeBind(null, posix);
            var listen = new Listen(plan.toBind(), Listen.ANY, Listen.NONE, null, bound);
            if (listen.of(posix, posix.getpid()) instanceof StepOutcome.Failed failed) {
                return Preflight.failed(config, failed.toString(), failed.errno());
            }
            if (plan.onStdin() != Listen.NONE) {
                posix.dup2(bound.sockets().isEmpty()
                        ? plan.onStdin()
                        : bound.sockets().getFirst().descriptor(), 0);
            }
            return null;
        } catch (PosixException e) {
            return Preflight.failed(config, e.getMessage(), e.errno());
        } catch (FileRefusedException e) {
            return Preflight.failed(config, String.valueOf(e.getMessage()), e.errno());
        }
    }

    /** Returns whether descriptor 0 is a file that the JVM reads: it crashes if the file is replaced. */
    private static boolean isOfJvm(NativePosix posix) {
        return posix.tryStat(CString.of("/proc/self/fd/0")).isPresent()
                && !(CloseDescriptors.checkInherited(0) instanceof StepOutcome.Done);
    }
}
