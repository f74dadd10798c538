package io.github.daemonsteps.daemon;

import io.github.daemonsteps.process.Program;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;

/**
 * Asks a daemon for one thing after another, and prints a line for each: what it was, the exit status, the
 * message, and of a start that has failed the end of the log.
 * {@code Verdicts PID_FILE LOG VERB...}
 */
final class Verdicts {

    /** Writes to its log at once. */
    static final List<String> PROGRAM = List.of("/bin/sh", "-c", "echo written; exec sleep 300");

    private Verdicts() {
    }

    public static void main(String[] args) {
        Daemon daemon = Daemon.named("d").pidFile(Path.of(args[0])).log(Path.of(args[1]));
        for (String verb : Arrays.asList(args).subList(2, args.length)) {
            LifecycleResult answer = answer(daemon, verb);
            System.out.println(verb + " " + ExitStatus.of(answer) + " " + answer.message()
                    + (answer instanceof StartResult.Failed failed ? " " + failed.logTail() : ""));
        }
    }

    private static LifecycleResult answer(Daemon daemon, String verb) {
        return switch (verb) {
            case "start" -> daemon.start(Program.of(PROGRAM.get(0), PROGRAM.get(1), PROGRAM.get(2)),
                    new Readiness.AliveAfter(Duration.ofMillis(1)));
            case "fail" ->
                daemon.start(Program.of("/bin/sh", "-c", "echo written; exit 3"), Readiness.aliveAfter());
            case "status" -> daemon.status();
            case "stop" -> daemon.stop();
            case "reload" -> daemon.reload();
            default -> throw new IllegalArgumentException(verb);
        };
    }
}
