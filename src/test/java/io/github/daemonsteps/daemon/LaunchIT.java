package io.github.daemonsteps.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daemonsteps.posix.Processes;
import io.github.daemonsteps.testing.ChildJvm;
import io.github.daemonsteps.testing.CommandRunner;
import io.github.daemonsteps.testkit.CommandResult;
import io.github.daemonsteps.testkit.Daemons;
import io.github.daemonsteps.testkit.Launcher;
import io.github.daemonsteps.testkit.TestDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The two entries of an application: {@link Daemon#launch} ends the JVM, and {@link Daemon#run} returns. */
@Daemons
class LaunchIT {

    private static final String MAIN = ReturningApplication.class.getName() + ".main";

    private Path directory;
    private CommandRunner runner;

    @BeforeEach
    void open(Launcher launcher, TestDirectory testDirectory) {
        directory = testDirectory.path();
        runner = new CommandRunner(launcher, directory);
    }

    private CommandResult app(boolean launch, String... arguments) throws Exception {
        List<String> options = List.of("-Ddirectory=" + directory,
                "-Dlaunch=" + launch);
        return runner.run(ChildJvm.command(new ArrayList<>(options), ReturningApplication.class, arguments));
    }

    private int pid() throws IOException {
        return Integer.parseInt(Files.readString(directory.resolve("app.pid")).strip());
    }

    /** An application that ends by itself leaves its pid file to the next start. */
    private void deletePidFile() throws IOException {
        Files.delete(directory.resolve("app.pid"));
    }

    private List<String> stack() throws IOException {
        return Files.readAllLines(directory.resolve("stack"));
    }

    /** Spring Boot takes the class of the innermost frame called main for that of the application. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void worker_of_daemon_is_called_by_main_of_application(boolean launch) throws Exception {
        assertThat(app(launch, "start").status()).isZero();
        assertThat(stack()).filteredOn(frame -> frame.endsWith(".main")).first().isEqualTo(MAIN);
        app(launch, "stop");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void worker_in_foreground_is_called_by_main_of_application(boolean launch) throws Exception {
        app(launch, "run", "fails-before");
        deletePidFile();
        assertThat(stack()).filteredOn(frame -> frame.endsWith(".main")).first().isEqualTo(MAIN);
    }

    @Test
    void run_in_launcher_returns_the_exit_status() throws Exception {
        assertThat(app(false, "status")).isEqualTo(new CommandResult(0,
                "app: not running, pid file " + directory.resolve("app.pid") + "\nreturned 3\n", ""));
        CommandResult usage = app(false, "nope");
        assertThat(usage.status()).isZero();
        assertThat(usage.out()).isEqualTo("returned 2\n");
        CommandResult start = app(false, "start");
        assertThat(start)
                .isEqualTo(new CommandResult(0, "app: started, pid " + pid() + "\nreturned 0\n", ""));
        assertThat(app(false, "stop").out()).endsWith("\nreturned 0\n");
        assertThat(directory.resolve("app.log")).as("a stop ends the JVM of the daemon").isEmptyFile();
    }

    @Test
    void run_of_daemon_whose_worker_fails_after_it_was_ready_returns_1() throws Exception {
        assertThat(app(false, "start", "fails-after").status()).isZero();
        Processes.awaitEnd(pid());
        assertThat(Files.readAllLines(directory.resolve("app.log")))
                .contains("java.io.IOException: after", "app: after").last().isEqualTo("returned 1");
        deletePidFile();
    }

    @Test
    void run_in_foreground_whose_worker_fails_returns_1() throws Exception {
        CommandResult run = app(false, "run", "fails-before");
        assertThat(run.status()).isZero();
        assertThat(run.out()).isEqualTo("returned 1\n");
        assertThat(run.err()).contains("java.io.IOException: before", "app: before");
        deletePidFile();
    }

    @Test
    void launch_ends_the_jvm_with_the_exit_status() throws Exception {
        assertThat(app(true, "status")).isEqualTo(
                new CommandResult(3, "app: not running, pid file " + directory.resolve("app.pid") + "\n",
                        ""));
        assertThat(app(true, "run", "fails-before").status()).isEqualTo(1);
        deletePidFile();
    }
}
