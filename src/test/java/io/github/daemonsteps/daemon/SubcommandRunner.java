package io.github.daemonsteps.daemon;

import io.github.daemonsteps.process.Program;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads requests from standard input, a line each. For each subcommand it prints a line: the subcommand,
 * the exit status, the message, and after a failed start the end of the log.
 */
final class SubcommandRunner {

    /** A program that writes to its log at once. */
    static final List<String> PROGRAM = List.of("/bin/sh", "-c", "echo written; exec sleep 300");

    private static final String SEPARATOR = "\t";

    private SubcommandRunner() {
    }

    /** Returns the line that requests these subcommands in this order. */
    static String request(Path pidFile, Path log, List<String> subcommands) {
        List<String> words = new ArrayList<>(List.of(pidFile.toString(), log.toString()));
        words.addAll(subcommands);
        return String.join(SEPARATOR, words);
    }

    public static void main(String[] args) throws IOException {
        var requests = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = requests.readLine(); line != null; line = requests.readLine()) {
            List<String> words = List.of(line.split(SEPARATOR, -1));
            Daemon daemon = Daemon.named("d").pidFile(Path.of(words.get(0))).log(Path.of(words.get(1)));
            for (String subcommand : words.subList(2, words.size())) {
                LifecycleResult answer = answer(daemon, subcommand);
                System.out.println(subcommand + " " + ExitStatus.of(answer) + " " + answer.message()
                        + (answer instanceof StartResult.Failed failed ? " " + failed.logTail() : ""));
            }
        }
    }

    private static LifecycleResult answer(Daemon daemon, String subcommand) {
        return switch (subcommand) {
            case "start" -> daemon.start(Program.of(PROGRAM.get(0), PROGRAM.get(1), PROGRAM.get(2)),
                    new Readiness.AliveAfter(Duration.ofMillis(1)));
            case "fail" ->
                daemon.start(Program.of("/bin/sh", "-c", "echo written; exit 3"), Readiness.aliveAfter());
            case "status" -> daemon.status();
            case "stop" -> daemon.stop();
            case "reload" -> daemon.reload();
            default -> throw new IllegalArgumentException(subcommand);
        };
    }
}
