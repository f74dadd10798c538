package io.github.daemonsteps.daemon.run;

import io.github.daemonsteps.daemon.DaemonApplication;
import io.github.daemonsteps.daemon.ExitStatus;
import io.github.daemonsteps.daemon.LifecycleResult;
import io.github.daemonsteps.daemon.Readiness;
import io.github.daemonsteps.daemon.Status;
import io.github.daemonsteps.daemon.config.DaemonConfig;
import io.github.daemonsteps.daemon.control.DaemonController;
import io.github.daemonsteps.daemon.readiness.Handshake;
import io.github.daemonsteps.daemon.start.CurrentJvm;
import io.github.daemonsteps.daemon.start.StartPlan;
import io.github.daemonsteps.daemon.supervisor.Supervisor;
import io.github.daemonsteps.ffm.Platform;
import io.github.daemonsteps.jvm.RelaunchException;
import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.PosixException;
import io.github.daemonsteps.text.CodeVersion;
import io.github.daemonsteps.text.TerminalSafe;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The subcommands of an application that is a daemon. The subcommand is the first argument.
 *
 * <p>No method that is called between the application's {@code main} and its {@link DaemonApplication} has
 * the name {@code main}. Frameworks take the class of the innermost {@code main} for the application.
 */
public final class DaemonMain {

    private static final String USAGE = """
            usage: start [ARG...]    start the daemon
                   stop              stop the daemon
                   status [--json]   report whether the daemon runs
                   restart [ARG...]  stop the daemon if it runs, and start it
                   reload            reopen the log, and run the reload actions
                   run [--no-pid-file] [--notification-fd N] [ARG...]
                                     run the application in the foreground
                   (no subcommand)   run, if a supervisor or a container started the JVM
                   plan              print the steps of a start, and take none
                   train [ARG...]    take the steps of a start, and roll them back; then run
                                     the application until it is ready: for an AOT cache
                   unit [ARG...]     print a systemd unit that runs the application
                   unit --socket     print the systemd units of its sockets
                   logrotate         print a configuration of logrotate for the log
                   help, --help, -h  print this help
                   --version         print the version of the application""";

    private static final Set<String> HELP = Set.of("help", "--help", "-h");

    /** The subcommands that make native calls. */
    private static final Set<String> NEEDS_NATIVE_CALLS =
            Set.of("start", "stop", "status", "restart", "reload", "plan", "train", "unit", "logrotate");

    private DaemonMain() {
    }

    /** Executes the subcommand that the first argument names, and returns the exit status. */
    public static int perform(DaemonConfig config, String[] args, DaemonApplication application) {
        Optional<Handshake> handshake = Handshake.ofThisProcess();
        List<String> rest = args.length == 0 ? List.of() : Arrays.asList(args).subList(1, args.length);
        if (handshake.isPresent()) {
            return DaemonRuntime.runDaemon(config, rest, handshake.get(), application);
        }
        DaemonConfig.Draft draft = config.draft();
        draft.isApplication = true;
        draft.mainProcess = true;
        return args.length == 0
                ? withoutSubcommand(draft.config(), application)
                : launcher(draft.config(), args[0], rest, application);
    }

    /** Runs the application if a supervisor has started this process. From a shell this is a usage error. */
    private static int withoutSubcommand(DaemonConfig config, DaemonApplication application) {
        Optional<Supervisor> supervisor = Supervisor.ofThisProcess();
        if (supervisor.isEmpty()) {
            return usage("a subcommand is missing");
        }
        try {
            return ForegroundRun.runUnder(supervisor.get(), config, application);
        } catch (PosixException | IllegalCallerException | UnsupportedOperationException
                | IllegalStateException | IllegalArgumentException | UncheckedIOException e) {
            return failed(config, e.getMessage(), 1);
        }
    }

    private static int launcher(DaemonConfig config, String subcommand, List<String> rest,
            DaemonApplication application) {
        try {
            boolean json = subcommand.equals("status") && rest.equals(List.of("--json"));
            boolean takesArguments =
                    List.of("start", "restart", "run", "train", "unit").contains(subcommand) || json;
            if (HELP.contains(subcommand)
                    || (!takesArguments && !rest.isEmpty() && HELP.contains(rest.getFirst()))) {
                System.out.println(USAGE);
                return 0;
            }
            if (!takesArguments && !rest.isEmpty()) {
                return usage("'" + subcommand + "' takes no argument, but has '" + rest.getFirst() + "'");
            }
            String unsupported = Platform.unsupported();
            if (unsupported != null && NEEDS_NATIVE_CALLS.contains(subcommand)) {
                return failed(config, subcommand + ": " + unsupported + "; use run", status(subcommand));
            }
            return switch (subcommand) {
                case "start" -> answer(CurrentJvm.start(config));
                case "restart" -> answer(CurrentJvm.restart(config, stopped -> answer(stopped)));
                case "run" -> ForegroundRun.run(config, rest, application);
                case "train" -> ForegroundRun.train(config, rest, application);
                case "stop" -> answer(new DaemonController(config).stop());
                case "reload" -> answer(new DaemonController(config).reload());
                case "status" ->
                    json
                            ? json(new DaemonController(config).status())
                            : answer(new DaemonController(config).status());
                case "plan" -> plan(config);
                case "unit" -> ConfigFiles.unit(config, rest);
                case "logrotate" -> ConfigFiles.logrotate(config);
                case "--version" -> version(config, application);
                default -> usage("unknown subcommand " + CString.of(subcommand).quoted());
            };
        } catch (PosixException | IllegalCallerException | UnsupportedOperationException
                | IllegalStateException | IllegalArgumentException | UncheckedIOException
                | RelaunchException e) {
            return failed(config, e.getMessage(), status(subcommand));
        }
    }

    /** Returns the exit status of a failure; a {@code status} of 1 would mean "dead". */
    private static int status(String subcommand) {
        return subcommand.equals("status") ? ExitStatus.UNKNOWN : 1;
    }

    private static int failed(DaemonConfig config, @Nullable String why, int status) {
        System.err.println(config.name() + ": " + why);
        return status;
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

    static int answer(LifecycleResult answer) {
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
