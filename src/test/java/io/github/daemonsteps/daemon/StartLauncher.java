package io.github.daemonsteps.daemon;

import io.github.daemonsteps.process.Program;
import io.github.daemonsteps.testing.Programs;
import io.github.daemonsteps.testkit.DaemonFlaws;
import io.github.daemonsteps.testkit.ResourceSnapshot;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A launcher in other surroundings than the JVM of the tests: another user, limit or namespace. It executes
 * the lines of its input, whose arguments are separated by tabs, and answers each with a line.
 */
final class StartLauncher {

    /** The readiness descriptor of a program. In a JVM another file has this number. */
    static final int READY = 3;

    private @Nullable ResourceSnapshot before;

    private StartLauncher() {
    }

    public static void main(String[] args) throws IOException {
        var launcher = new StartLauncher();
        var input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        System.out.println("here is " + ProcessHandle.current().pid());
        for (String line = input.readLine(); line != null; line = input.readLine()) {
            System.out.println(launcher.answer(line.split("\t", -1)).replace('\n', ' '));
        }
    }

    /**
     * {@code start PID_FILE LOG DIRECTORY PROGRAM ARGUMENT...}, and the other subcommands with the
     * arguments that they need.
     */
    private String answer(String... words) throws IOException {
        Path pidFile = Path.of(words[1]);
        Daemon daemon = Daemon.named("d").pidFile(pidFile).stopTimeout(Duration.ofMillis(1));
        return switch (words[0]) {
            case "start" -> {
                Program program;
                try {
                    program = Program.of(words[4], Arrays.copyOfRange(words, 5, words.length));
                } catch (UncheckedIOException noEnvironment) {
                    yield "no program: " + noEnvironment.getCause().getMessage();
                }
                StartResult result = daemon.log(Path.of(words[2])).workingDirectory(Path.of(words[3]))
                        .start(program, Readiness.notificationFd(READY));
                yield ExitStatus.of(result) + " " + result.message();
            }
            case "status" -> ExitStatus.of(daemon.status()) + " " + daemon.status().message();
            case "flaws" -> flaws(daemon, Path.of(words[3]), pidFile, Path.of(words[2]));
            case "stop" -> {
                StopResult result = daemon.stop();
                yield ExitStatus.of(result) + " " + result.message();
            }
            case "remember" -> "remembered " + (before = own());
            case "left" -> own().equals(before) ? "nothing" : before + " became " + own();
            default -> throw new IllegalArgumentException(words[0]);
        };
    }

    private static ResourceSnapshot own() throws IOException {
        return ResourceSnapshot.ofThisJvm();
    }

    /** Returns the flaws of the daemon, whose program stops itself. */
    private static String flaws(Daemon daemon, Path directory, Path pidFile, Path log) {
        if (!(daemon.status().state() instanceof Status.State.Running running)) {
            return daemon.status().message();
        }
        Programs.awaitStopped(running.pid());
        List<String> flaws = DaemonFlaws.of(running.pid(), directory, pidFile, log);
        return flaws.isEmpty() ? "none" : String.join(", ", flaws);
    }
}
