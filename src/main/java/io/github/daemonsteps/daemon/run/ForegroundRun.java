package io.github.daemonsteps.daemon.run;

import io.github.daemonsteps.daemon.DaemonApplication;
import io.github.daemonsteps.daemon.ExitStatus;
import io.github.daemonsteps.daemon.StartResult;
import io.github.daemonsteps.daemon.config.DaemonConfig;
import io.github.daemonsteps.daemon.start.CurrentJvm;
import io.github.daemonsteps.daemon.supervisor.Supervisor;
import io.github.daemonsteps.ffm.Platform;
import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.Errno;
import io.github.daemonsteps.process.UserIdentity;
import io.github.daemonsteps.text.TerminalSafe;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A run of the application in this JVM, in the foreground. Each method returns if the run is refused or the
 * application fails; a stop ends the JVM.
 */
final class ForegroundRun {

    /** The failures of a file system that lets this process create no pid file. */
    private static final Set<Errno> NOT_WRITABLE =
            Set.of(Errno.EROFS, Errno.EACCES, Errno.EPERM, Errno.ENOENT);

    private ForegroundRun() {
    }

    /** Runs the application as the subcommand {@code run} does. */
    static int run(DaemonConfig config, List<String> rest, DaemonApplication application) {
        RunOptions options = RunOptions.parse(rest);
        return runUnlessRefused(config, options, !options.noPidFile() && config.foregroundPidFile(), Set.of(),
                application);
    }

    /**
     * Runs the application under a supervisor. Since the supervisor queries and stops the application, a pid
     * file is acquired only if the application names one. On a read-only file system the
     * application runs without a pid file.
     */
    static int runUnder(Supervisor supervisor, DaemonConfig config, DaemonApplication application) {
        System.out.println(
                config.name() + ": running in the foreground, since " + supervisor.reason());
        return runUnlessRefused(config, RunOptions.parse(List.of()),
                config.ownPidFile() != null && config.foregroundPidFile(), NOT_WRITABLE, application);
    }

    /**
     * Runs the application if nothing refuses it.
     *
     * @param tolerated errors after which the application runs without a pid file
     */
    private static int runUnlessRefused(DaemonConfig config, RunOptions options, boolean wantsPidFile,
            Set<Errno> tolerated, DaemonApplication application) {
        if (Platform.unsupported() != null) {
            return withJavaAlone(config, options, wantsPidFile, application);
        }
        if (isForAnotherUser(config)) {
            return refuseUser(config, "run");
        }
        if (options.problem() != null) {
            return badOption(config, options.problem());
        }
        if (wantsPidFile) {
            Optional<StartResult> refused = ForegroundPidFile.take(config);
            if (refused.isPresent() && refused.get() instanceof StartResult.Failed failed
                    && failed.errno() != null && tolerated.contains(failed.errno())) {
                warn(config, "no pid file: " + failed.reason());
            } else if (refused.isPresent()) {
                return DaemonMain.answer(refused.get());
            }
        }
        return withSockets(config, options.arguments(), options.notificationFd(), false, application);
    }

    /**
     * Takes the steps of a start and rolls them back, and runs the application in this JVM until it is ready.
     * This JVM has then executed what a launcher and a daemon execute. A JVM that creates an AOT cache puts
     * all of it into the cache.
     */
    static int train(DaemonConfig config, List<String> rest, DaemonApplication application) {
        if (isForAnotherUser(config)) {
            return refuseUser(config, "train");
        }
        Optional<StartResult> refused = CurrentJvm.dryRun(config);
        if (refused.isEmpty()) {
            return withSockets(config, rest, null, true, application);
        }
        if (refused.get() instanceof StartResult.AlreadyRunning) {
            System.err.println(config.name() + ": not trained: the daemon runs; stop it first");
            return 1;
        }
        return DaemonMain.answer(refused.get());
    }

    private static int withSockets(DaemonConfig config, List<String> arguments,
            @Nullable NotificationFd notificationFd, boolean isTraining, DaemonApplication application) {
        ForegroundSockets sockets = config.hasSockets() ? ForegroundSockets.bind(config) : null;
        return sockets != null && sockets.failure() != null
                ? DaemonMain.answer(sockets.failure())
                : DaemonRuntime.runInForeground(config, arguments,
                        new Foreground(notificationFd, sockets, isTraining), application);
    }

    /**
     * Runs the application without a native call, and without a pid file. The user is not changed: the
     * configured one may not exist on such a platform, where developers run the application as themselves.
     */
    private static int withJavaAlone(DaemonConfig config, RunOptions options, boolean wantsPidFile,
            DaemonApplication application) {
        CString user = config.user();
        String own = System.getProperty("user.name");
        if (user != null && !user.equals(CString.of(own)) && !user.startsWith(CString.of(own + ":"))) {
            if (own.equals("root")) {
                return refuseUser(config, "run");
            }
            warn(config, "user " + user + ": ignored, and the application runs as " + own + ": "
                    + Platform.unsupported());
        }
        if (options.problem() != null) {
            return badOption(config, options.problem());
        }
        if (wantsPidFile) {
            warn(config, "no pid file: " + Platform.unsupported());
        }
        if (config.hasSockets()) {
            System.err.println(config.name() + ": sockets: " + Platform.unsupported());
            return 1;
        }
        return DaemonRuntime.runInForeground(config, options.arguments(),
                new Foreground(options.notificationFd(), null, false), application);
    }

    private static boolean isForAnotherUser(DaemonConfig config) {
        CString user = config.user();
        return user != null && UserIdentity.of(user).uid() != CurrentJvm.user();
    }

    /** Refuses a subcommand, since a running JVM cannot change users. */
    private static int refuseUser(DaemonConfig config, String subcommand) {
        System.err.println(config.name() + ": user " + TerminalSafe.of(String.valueOf(config.user())) + ": "
                + subcommand + " cannot change the user; execute " + subcommand + " as that user");
        return ExitStatus.ofFailure(Errno.EPERM);
    }

    private static int badOption(DaemonConfig config, @Nullable String problem) {
        System.err.println(config.name() + ": " + problem);
        return ExitStatus.USAGE;
    }

    private static void warn(DaemonConfig config, String line) {
        System.err.println(config.name() + ": warning: " + TerminalSafe.line(line));
    }
}
