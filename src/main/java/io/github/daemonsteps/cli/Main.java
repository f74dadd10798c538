package io.github.daemonsteps.cli;

import io.github.daemonsteps.posix.ForkedProcessException;
import io.github.daemonsteps.posix.PosixException;
import java.io.IOException;
import java.lang.module.ModuleDescriptor;
import org.jspecify.annotations.Nullable;

/** The command. Results go to standard output, and nothing else; errors are one line on standard error. */
public final class Main {

    /** What was typed to start the command. */
    private static final String COMMAND = System.getProperty("daemonsteps.command", "daemon-steps");

    private Main() {
    }

    /** Runs the command and exits: 0 it did, 1 it failed, 2 it was asked wrongly. */
    public static void main(String[] args) {
        int status = run(args);
        if (System.out.checkError()) { // which flushes
            status = failed(1, "cannot write to standard output");
        }
        System.exit(status);
    }

    private static int run(String[] args) {
        try {
            Arguments arguments = Arguments.parse(args);
            if (arguments.has(Option.HELP)) {
                System.out.print(Help.text(arguments.verb(), COMMAND));
                return 0;
            }
            if (arguments.has(Option.VERSION)) {
                System.out.println("daemon-steps " + version());
                return 0;
            }
            Verb verb = arguments.verb();
            if (verb == null) {
                throw new UsageException("a verb is missing: " + Verb.list());
            }
            return switch (verb) {
                case TRACE -> Trace.run(arguments);
                case PLAN -> Plan.run(arguments);
                case DEMO -> Demo.run(arguments, COMMAND);
            };
        } catch (UsageException wrong) {
            return failed(2, wrong.getMessage() + " (see " + COMMAND + " --help)");
        } catch (PosixException | ForkedProcessException | IllegalCallerException
                | UnsupportedOperationException
                | CommandException failed) {
            return failed(1, String.valueOf(failed.getMessage()));
        } catch (IOException failed) {
            return failed(1, failed.getClass().getSimpleName() + ": " + failed.getMessage());
        }
    }

    static int failed(int status, String line) {
        System.out.flush();
        System.err.println("daemon-steps: " + line);
        return status;
    }

    /** The module's version, or what the manifest says when this is run from the class path. */
    private static @Nullable String version() {
        ModuleDescriptor module = Main.class.getModule().getDescriptor();
        return module == null
                ? Main.class.getPackage().getImplementationVersion()
                : module.rawVersion().orElse(null);
    }
}
