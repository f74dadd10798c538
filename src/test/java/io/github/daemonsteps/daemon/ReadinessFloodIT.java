package io.github.daemonsteps.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daemonsteps.testing.ChildJvm;
import io.github.daemonsteps.testing.CommandRunner;
import io.github.daemonsteps.testing.Tool;
import io.github.daemonsteps.testkit.CommandResult;
import io.github.daemonsteps.testkit.Daemons;
import io.github.daemonsteps.testkit.Launcher;
import io.github.daemonsteps.testkit.TestDirectory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A program that writes without end to its readiness descriptor: no start waits longer for that. */
@Daemons
class ReadinessFloodIT {

    /**
     * Makes the pipe as large as a user may, and lets a child write into it endlessly without a newline.
     */
    private static final String FLOOD = """
            import fcntl, os, sys, time
            fcntl.fcntl(3, 1031, 1 << 20)
            if os.fork() == 0:
                bytes = sys.argv[1].encode() * (1 << 16)
                while True:
                    os.write(3, bytes)
            time.sleep(900)
            """;

    /** A timeout is five seconds at most; the rest is for starting JVMs on a busy machine. */
    private static final Duration SOON = Duration.ofSeconds(15);

    private Path directory;
    private CommandRunner runner;

    @BeforeEach
    void open(Launcher launcher, TestDirectory testDirectory) throws Exception {
        directory = testDirectory.path();
        runner = new CommandRunner(launcher, directory);
        assertThat(runner.command("status", "--name", "d", "--pid-file", "d.pid").status())
                .as("the command is built before anything is timed").isEqualTo(3);
    }

    private interface Command {
        CommandResult run() throws Exception;
    }

    private static CommandResult soon(Command command) throws Exception {
        long begun = System.nanoTime();
        CommandResult run = command.run();
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).as("%.2000s", run).isLessThan(SOON);
        return run;
    }

    private List<String> app(int startTimeout, String... arguments) {
        return ChildJvm.command(List.of("-Ddirectory=" + directory, "-Dstart.timeout=" + startTimeout),
                Application.class, arguments);
    }

    @ParameterizedTest
    @ValueSource(strings = {"x", "\u00e9", "\0"})
    void program_that_writes_endlessly_without_newline_is_killed_early(String text) throws Exception {
        Files.writeString(directory.resolve("fl.py"), FLOOD);
        CommandResult start =
                soon(() -> runner.command("start", "--name", "d", "--pid-file", "d.pid", "--log",
                        "d.log", "--ready", "fd:3", "--timeout", "3s", "--", Tool.need("python3"),
                        runner.file("fl.py"), text.equals("\0") ? "\\0" : text));
        assertThat(start.status()).isEqualTo(1);
        assertThat(start.err()).contains("d: not started: wrote more than 65536 bytes to descriptor 3"
                + " without a newline; killed\n");
        assertThat(directory.resolve("d.pid")).doesNotExist();
    }

    @Test
    void program_that_writes_slowly_without_newline_is_killed_at_the_deadline() throws Exception {
        CommandResult start =
                soon(() -> runner.command("start", "--name", "d", "--pid-file", "d.pid", "--log",
                        "d.log", "--ready", "fd:3", "--timeout", "500ms", "--", "sh", "-c",
                        "while :; do printf x >&3; sleep 0.01; done"));
        assertThat(start.status()).isEqualTo(1);
        assertThat(start.err()).contains("d: not started: not ready within 500 ms; killed\n");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "x             | wrote more than 65536 bytes to the notification descriptor without a newline; killed",
        "EXTEND 0%n    | not ready within the time that the program requested; killed",
        "EXTEND nope%n | not ready within the time that the program requested; killed"})
    void application_that_floods_its_handshake_is_killed_early(String text, String why) throws Exception {
        CommandResult start = soon(() -> runner.run(app(8_000, "start", "floods", text.formatted())));
        assertThat(start.status()).isEqualTo(1);
        assertThat(start.err()).startsWith("app: not started: " + why);
        assertThat(directory.resolve("app.pid")).doesNotExist();
    }

    @Test
    void child_that_floods_the_handshake_does_not_hide_the_end_of_the_daemon() throws Exception {
        CommandResult start = soon(() -> runner.run(app(60_000, "start", "leaves-a-flood")));
        assertThat(start.status()).isEqualTo(1);
        assertThat(start.err()).startsWith("app: not started: exited with status 3\n");
    }

    @Test
    void long_message_is_truncated_and_marked() throws Exception {
        CommandResult start = soon(() -> runner.run(app(5_000, "start", "says-much")));
        assertThat(start.status()).as("%.200s", start.err()).isZero();
        assertThat(start.out()).endsWith(
                ": " + "x".repeat(4096) + " ... (19995904 more characters are cut)\n");
        assertThat(runner.run(app(5_000, "stop")).status()).isZero();
    }

    @Test
    void long_failure_is_truncated_and_marked() throws Exception {
        CommandResult start = soon(() -> runner.run(app(5_000, "start", "fails-with-much")));
        assertThat(start.status()).isEqualTo(1);
        assertThat(start.err().lines().findFirst()).contains(
                "app: not started: " + "x".repeat(4096) + " ... (19995904 more characters are cut)");
    }

    @Test
    void long_message_before_a_newline_is_truncated_and_marked() throws Exception {
        CommandResult start =
                soon(() -> runner.command("start", "--name", "d", "--pid-file", "d.pid", "--log",
                        "d.log", "--ready", "fd:3", "--timeout", "10s", "--", Tool.need("python3"), "-c",
                        "import os, time; os.write(3, b'x' * 65536 + b'\\n'); time.sleep(900)"));
        assertThat(start.status()).as("%.200s", start.err()).isZero();
        assertThat(start.out()).endsWith(
                ": " + "x".repeat(4096) + " ... (61440 more characters are cut)\n");
        assertThat(runner.command("stop", "--name", "d", "--pid-file", "d.pid").status()).isZero();
    }
}
