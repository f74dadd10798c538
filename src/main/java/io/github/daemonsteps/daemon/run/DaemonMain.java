package io.github.daemonsteps.daemon.run;

import io.github.daemonsteps.daemon.DaemonApplication;
import io.github.daemonsteps.daemon.ExitStatus;
import io.github.daemonsteps.daemon.LifecycleResult;
import io.github.daemonsteps.daemon.Readiness;
import io.github.daemonsteps.daemon.StartResult;
import io.github.daemonsteps.daemon.Status;
import io.github.daemonsteps.daemon.config.DaemonConfig;
import io.github.daemonsteps.daemon.control.DaemonController;
import io.github.daemonsteps.daemon.readiness.Handshake;
import io.github.daemonsteps.daemon.start.CurrentJvm;
import io.github.daemonsteps.daemon.start.StartPlan;
import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.Errno;
import io.github.daemonsteps.posix.PosixException;
import io.github.daemonsteps.process.UserIdentity;
import io.github.daemonsteps.text.CodeVersion;
import io.github.daemonsteps.text.TerminalSafe;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The subcommands of an application that is a daemon. The subcommand is the first argument.
 *
 * <p>No method that is called between the application's {@code main} and its {@link DaemonApplication} has
 * the name {@code main}. Frameworks take the class of the innermost {@code main} for the application.
 */
public final class DaemonMain {

    /** The option that comes before the application's own arguments. */
    private static final String NO_PID_FILE = "--no-pid-file";

    private static final String USAGE = """
            usage: start [ARG...]    start the daemon
                   stop              stop the daemon
                   status [--json]   report whether the daemon runs
                   restart [ARG...]  stop the daemon if it runs, and start it
                   reload            reopen the log, and run the reload actions
                   run [--no-pid-file] [ARG...]
                                     run the application in the foreground
                   plan              print the steps of a start, and take none
                   train [ARG...]    take the steps of a start, and roll them back; then run
                                     the application until it is ready: for an AOT cache
                   help, --help, -h  print this help
                   --version         print the version of the application""";

    private static final Set<String> HELP = Set.of("help", "--help", "-h");

    private DaemonMain() {
    }

    /** Executes the subcommand that the first argument names, and returns the exit status. */
    public static int perform(DaemonConfig config, String[] args, DaemonApplication application) {
        Optional<Handshake> handshake = Handshake.ofThisProcess();
        List<String> rest = args.length == 0 ? List.of() : Arrays.asList(args).subList(1, args.length);
        if (handshake.isPresent()) {
            return DaemonRuntime.run(config, rest, handshake.get(), null, application);
        }
        DaemonConfig.Draft draft = config.draft();
        draft.isApplication = true;
        return launcher(draft.config(), args.length == 0 ? "" : args[0], rest, application);
    }

    private static int launcher(DaemonConfig config, String subcommand, List<String> rest,
            DaemonApplication application) {
        try {
            boolean json = subcommand.equals("status") && rest.equals(List.of("--json"));
            boolean takesArguments = List.of("start", "restart", "run", "train").contains(subcommand) || json;
            if (HELP.contains(subcommand)
                    || (!takesArguments && !rest.isEmpty() && HELP.contains(rest.getFirst()))) {
                System.out.println(USAGE);
                return 0;
            }
            if (!takesArguments && !rest.isEmpty()) {
                return usage("'" + subcommand + "' takes no argument, but has '" + rest.getFirst() + "'");
            }
            return switch (subcommand) {
                case "start" -> answer(CurrentJvm.start(config));
                case "restart" -> answer(CurrentJvm.restart(config, stopped -> answer(stopped)));
                case "run" -> run(config, rest, application);
                case "train" -> train(config, rest, application);
                case "stop" -> answer(new DaemonController(config).stop());
                case "reload" -> answer(new DaemonController(config).reload());
                case "status" ->
                    json
                            ? json(new DaemonController(config).status())
                            : answer(new DaemonController(config).status());
                case "plan" -> plan(config);
                case "--version" -> version(config, application);
                case "" -> usage("a subcommand is missing");
                default -> usage("unknown subcommand " + CString.of(subcommand).quoted());
            };
        } catch (PosixException | IllegalCallerException | UnsupportedOperationException
                | IllegalStateException | IllegalArgumentException | UncheckedIOException e) {
            System.err.println(config.name() + ": " + e.getMessage());
            return subcommand.equals("status") ? ExitStatus.UNKNOWN : 1; // a status of 1 means "dead"
        }
    }

    /**
     * Runs the application in this JVM. Returns if the daemon belongs to another user, since a running JVM
     * cannot change users. Also returns if the pid file cannot be acquired, or if the application fails.
     */
    private static int run(DaemonConfig config, List<String> rest, DaemonApplication application) {
        if (isForAnotherUser(config)) {
            return refuseUser(config, "run");
        }
        boolean isDeclined = !rest.isEmpty() && rest.getFirst().equals(NO_PID_FILE);
        if (!isDeclined && config.foregroundPidFile()) {
            Optional<StartResult> refused = ForegroundPidFile.take(config);
            if (refused.isPresent()) {
                return answer(refused.get());
            }
        }
        ForegroundSockets sockets = hasSockets(config) ? ForegroundSockets.bind(config) : null;
        return sockets != null && sockets.failure() != null
                ? answer(sockets.failure())
                : DaemonRuntime.run(config, isDeclined ? rest.subList(1, rest.size()) : rest, null, sockets,
                        application);
    }

    /**
     * Takes the steps of a start and rolls them back, and runs the application in this JVM until it is ready.
     * This JVM has then executed what a launcher and a daemon execute. A JVM that creates an AOT cache puts
     * all of it into the cache.
     */
    private static int train(DaemonConfig config, List<String> rest, DaemonApplication application) {
        if (isForAnotherUser(config)) {
            return refuseUser(config, "train");
        }
        Optional<StartResult> refused = CurrentJvm.dryRun(config);
        if (refused.isEmpty()) {
            ForegroundSockets sockets = hasSockets(config) ? ForegroundSockets.bind(config) : null;
            return sockets != null && sockets.failure() != null
                    ? answer(sockets.failure())
                    : DaemonRuntime.train(config, rest, sockets, application);
        }
        if (refused.get() instanceof StartResult.AlreadyRunning) {
            System.err.println(config.name() + ": not trained: the daemon runs; stop it first");
            return 1;
        }
        return answer(refused.get());
    }

    private static boolean hasSockets(DaemonConfig config) {
        return !config.sockets().isEmpty() || config.socketOnStdin();
    }

    private static boolean isForAnotherUser(DaemonConfig config) {
        CString user = config.user();
        return user != null && UserIdentity.of(user).uid() != CurrentJvm.user();
    }

    private static int refuseUser(DaemonConfig config, String subcommand) {
        System.err.println(config.name() + ": user " + TerminalSafe.of(String.valueOf(config.user())) + ": "
                + subcommand + " cannot change the user; execute " + subcommand + " as that user");
        return ExitStatus.ofFailure(Errno.EPERM);
    }

    private static int plan(DaemonConfig config) {
        StartPlan.of(config).planned(Readiness.handshake()).plan().forEach(step -> {
            System.out.println(step.step().name());
            step.calls().forEach(call -> System.out.println("    " + call));
        });
        return 0;
    }

    private static int version(DaemonConfig config, DaemonApplication application) {
        System.out.println(CodeVersion.line(config.name(), application.getClass()));
        return 0;
    }

    private static int json(Status status) {
        System.out.println(status.json());
        return ExitStatus.of(status);
    }

    private static int answer(LifecycleResult answer) {
        for (String warning : answer.warnings()) {
            System.err.println(answer.name() + ": warning: " + TerminalSafe.line(warning));
        }
        var out = ExitStatus.isError(answer) ? System.err : System.out;
        out.println(answer.message());
        for (String detail : answer.details()) {
            out.println(detail);
        }
        return ExitStatus.of(answer);
    }

    private static int usage(String wrong) {
        System.err.println(TerminalSafe.line(wrong));
        System.err.println(USAGE);
        return ExitStatus.USAGE;
    }
}
