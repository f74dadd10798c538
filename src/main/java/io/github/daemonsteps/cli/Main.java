package io.github.daemonsteps.cli;

import io.github.daemonsteps.daemon.ExitStatus;
import io.github.daemonsteps.ffm.Platform;
import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.ForkedProcessException;
import io.github.daemonsteps.posix.PosixException;
import io.github.daemonsteps.process.Environment;
import io.github.daemonsteps.text.CodeVersion;
import io.github.daemonsteps.text.IoReason;
import io.github.daemonsteps.text.TerminalSafe;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;

/** The command. Only results go to standard output; errors are one line on standard error. */
public final class Main {

    /** The name by which the caller started the command. */
    private static final String COMMAND = System.getProperty("daemonsteps.command", "daemon-steps");

    /**
     * A number that is added to the exit status. The script sets the number to distinguish a status of this
     * command from that of a JVM that did not start.
     */
    private static final int EXIT_BASE = Integer.getInteger("daemonsteps.exitBase", 0);

    private Main() {
    }

    /** Runs the command and exits, with a status that {@link Help} lists. */
    public static void main(String[] args) {
        exit(EXIT_BASE + run(rawArguments(args)));
    }

    /**
     * Ends this JVM. {@link System#exit} would first load the loggers of the JDK, which takes longer than a
     * short command. A shutdown that a signal has begun is awaited: its hook rolls a start back.
     */
    private static void exit(int status) {
        try {
            Runtime.getRuntime().removeShutdownHook(new Thread()); // throws during a shutdown
        } catch (IllegalStateException e) {
            System.exit(status);
        }
        Runtime.getRuntime().halt(status);
    }

    /** Runs the command, and returns the exit status. */
    static int run(List<CString> arguments) {
        try {
            return run(Arguments.parse(arguments));
        } catch (UsageException e) {
            return failed(2, e.getMessage() + " (see " + COMMAND + " --help)");
        }
    }

    private static int run(Arguments arguments) {
        int failure = arguments.subcommand() == Subcommand.STATUS ? 4 : 1; // status 1: "dead"
        try {
            if (arguments.has(Option.HELP)) {
                System.out.print(Help.text(arguments.subcommand(), COMMAND));
                return statusOfOutput(0, 1);
            }
            if (arguments.has(Option.VERSION)) {
                System.out.println(CodeVersion.line("daemon-steps", Main.class));
                return statusOfOutput(0, 1);
            }
            Subcommand subcommand = arguments.subcommand();
            if (subcommand == null) {
                throw new UsageException("a subcommand is missing: " + Subcommand.list());
            }
            String unsupported = Platform.unsupported();
            if (unsupported != null) {
                return failed(failure, unsupported);
            }
            return switch (subcommand) {
                case START -> statusDespiteLostOutput(LifecycleCommands.start(arguments));
                case STOP -> statusDespiteLostOutput(LifecycleCommands.stop(arguments));
                case STATUS -> statusDespiteLostOutput(LifecycleCommands.status(arguments));
                case RESTART -> statusDespiteLostOutput(LifecycleCommands.restart(arguments));
                case RELOAD -> statusDespiteLostOutput(LifecycleCommands.reload(arguments));
                case NOHUP -> statusDespiteLostOutput(NohupCommand.run(arguments));
                case RUN -> statusOfOutput(RunCommand.run(arguments), 1);
                case TRACE -> statusOfOutput(TraceCommand.run(arguments), 1);
                case PLAN -> statusOfOutput(PlanCommand.run(arguments), 1);
                case UNIT -> statusOfOutput(ConfigFileCommands.unit(arguments), 1);
                case LOGROTATE -> statusOfOutput(ConfigFileCommands.logrotate(arguments), 1);
                case DEMO -> statusOfOutput(DemoCommand.run(arguments, COMMAND), 1);
            };
        } catch (CommandException e) {
            return failed(Math.max(failure, e.status()), String.valueOf(e.getMessage()));
        } catch (PosixException e) {
            return failed(Math.max(failure, ExitStatus.ofFailure(e.errno())), e.getMessage());
        } catch (ForkedProcessException | IllegalCallerException | UnsupportedOperationException
                | IllegalStateException e) {
            return failed(failure, String.valueOf(e.getMessage()));
        } catch (UncheckedIOException e) {
            return failed(Math.max(failure, CommandException.status(IoReason.cause(e))),
                    IoReason.withFile(e));
        } catch (IOException e) {
            return failed(Math.max(failure, CommandException.status(e)),
                    "a file cannot be used: " + IoReason.withFile(e));
        }
    }

    /**
     * Returns the status for a lost output of a result. The exit status has the result, so the lost text is
     * not a failure.
     */
    private static int statusDespiteLostOutput(int status) {
        return statusOfOutput(status, status);
    }

    /** Returns the status, or another one if the output could not be written. */
    private static int statusOfOutput(int status, int ifLost) {
        return System.out.checkError() // flushes too
                ? failed(ifLost, "cannot write to standard output")
                : status;
    }

    /**
     * Returns the arguments byte for byte; as Strings some have lost bytes. They are the last arguments of
     * the JVM's own command line.
     */
    private static List<CString> rawArguments(String[] args) {
        if (Platform.unsupported() != null) {
            return CString.listOf(args); // there may be no /proc
        }
        List<CString> all = Environment.strings(Path.of("/proc/self/cmdline"));
        return all.subList(all.size() - args.length, all.size());
    }

    static int failed(int status, String line) {
        System.out.flush();
        System.err.println("daemon-steps: " + TerminalSafe.line(line));
        return status;
    }

    /** Prints a warning, which does not make the command fail. */
    static void warn(String line) {
        System.err.println("daemon-steps: warning: " + TerminalSafe.line(line));
    }
}
