package io.github.daemonsteps.cli;

import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.testkit.ResourceSnapshot;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Runs the command many times in one process. Each input line has the arguments, separated by tabs. For
 * each the launcher prints a line with the exit status and the output of the command. {@code holdings}
 * prints the resources of this process.
 */
final class RestartLauncher {

    private RestartLauncher() {
    }

    public static void main(String[] args) throws IOException {
        var input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        PrintStream out = System.out;
        for (String line = input.readLine(); line != null; line = input.readLine()) {
            String answer =
                    line.equals("holdings")
                            ? ResourceSnapshot.ofThisJvm().toString()
                            : run(line.split("\t"));
            out.println(answer);
            out.flush();
        }
    }

    private static String run(String[] words) {
        var bytes = new ByteArrayOutputStream();
        var printed = new PrintStream(bytes, true, StandardCharsets.UTF_8);
        System.setOut(printed);
        System.setErr(printed);
        int status = status(words);
        return status + " "
                + bytes.toString(StandardCharsets.UTF_8).lines().collect(Collectors.joining("; "));
    }

    private static int status(String[] words) {
        try {
            Arguments arguments = Arguments.parse(Stream.of(words).map(CString::of).toList());
            return switch (arguments.subcommand()) {
                case START -> LifecycleCommands.start(arguments);
                case STOP -> LifecycleCommands.stop(arguments);
                case RESTART -> LifecycleCommands.restart(arguments);
                case null, default -> throw new IllegalArgumentException(String.join(" ", words));
            };
        } catch (UsageException wrong) {
            return Main.failed(2, String.valueOf(wrong.getMessage()));
        } catch (CommandException failed) {
            return Main.failed(failed.status(), String.valueOf(failed.getMessage()));
        }
    }
}
