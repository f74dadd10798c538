package io.github.daemonsteps.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daemonsteps.posix.Processes;
import io.github.daemonsteps.posix.Signal;
import io.github.daemonsteps.testing.Await;
import io.github.daemonsteps.testing.ChildJvm;
import io.github.daemonsteps.testing.CommandRunner;
import io.github.daemonsteps.testkit.CommandResult;
import io.github.daemonsteps.testkit.Daemons;
import io.github.daemonsteps.testkit.Launcher;
import io.github.daemonsteps.testkit.TestDirectory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A JVM that takes its platform for another one, and denies native access: an application runs in the
 * foreground, and all else is one line.
 */
@Daemons
class UnsupportedPlatformIT {

    private static final String REASON =
            "Mac OS X on riscv64 is not supported; daemon-steps needs Linux on x86-64 or aarch64";

    private Path directory;
    private CommandRunner runner;

    @BeforeEach
    void open(Launcher launcher, TestDirectory testDirectory) {
        directory = testDirectory.path();
        runner = new CommandRunner(launcher, directory);
    }

    private List<String> words(String main, List<String> options, String... arguments) {
        List<String> words = new ArrayList<>(List.of(ChildJvm.java().toString(), "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1", "--illegal-native-access=deny", "-Dos.name=Mac OS X",
                "-Dos.arch=riscv64"));
        words.addAll(options);
        words.addAll(List.of("-cp", ChildJvm.classPath(), main));
        words.addAll(List.of(arguments));
        return words;
    }

    private List<String> application(List<String> options, String... arguments) {
        return words(ForegroundApplication.class.getName(), options, arguments);
    }

    private String terminal() throws Exception {
        return Files.readString(directory.resolve("terminal"));
    }

    private Process ready(List<String> command) throws Exception {
        Process process = runner.builder(command).redirectErrorStream(true)
                .redirectOutput(directory.resolve("terminal").toFile()).start();
        Await.until(() -> terminal().contains("app: ready: ") || !process.isAlive(), this::terminal);
        assertThat(process.isAlive()).as(terminal()).isTrue();
        return process;
    }

    private void stop(Process process, Signal signal) throws Exception {
        Processes.signal((int) process.pid(), signal);
        assertThat(process.waitFor(ChildJvm.DEADLINE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isZero();
        assertThat(terminal()).endsWith("stopped\n");
    }

    @Test
    void run_reloads_and_stops_without_a_native_call() throws Exception {
        Path classes = directory.resolve("classes");
        Process process = ready(application(
                List.of("-Dpid.file=" + directory.resolve("app.pid"), "-Xlog:class+load:file=" + classes),
                "run", "x"));
        assertThat(terminal().lines()).containsExactly("app: warning: no pid file: " + REASON,
                "app: ready: process " + process.pid());
        assertThat(directory.resolve("app.pid")).doesNotExist();
        Processes.signal((int) process.pid(), Signal.SIGHUP);
        Await.until(() -> terminal().contains("reloaded\n"));
        stop(process, Signal.SIGTERM);
        assertThat(Files.readAllLines(classes)).hasSizeGreaterThan(500)
                .noneMatch(line -> line.contains(" java.lang.foreign.Linker")
                        || line.contains(" jdk.internal.foreign.abi.AbstractLinker"));
    }

    @Test
    void run_without_pid_file_prints_no_warning_and_stops_by_sigint() throws Exception {
        Process process = ready(application(List.of(), "run", "--no-pid-file"));
        assertThat(terminal()).isEqualTo("app: ready: process " + process.pid() + "\n");
        stop(process, Signal.SIGINT);
    }

    @Test
    void run_under_a_supervisor_needs_no_subcommand() throws Exception {
        List<String> command = new ArrayList<>(
                List.of("/bin/sh", "-c", "export SYSTEMD_EXEC_PID=$$; exec \"$@\"", "sh"));
        command.addAll(application(List.of()));
        Process process = ready(command);
        assertThat(terminal().lines()).containsExactly(
                "app: running in the foreground, since systemd started this process",
                "app: ready: process " + process.pid());
        stop(process, Signal.SIGTERM);
    }

    @Test
    void run_that_a_supervisor_gives_sockets_to_has_none() throws Exception {
        List<String> command = new ArrayList<>(
                List.of("/bin/sh", "-c", "export LISTEN_PID=$$ LISTEN_FDS=1; exec \"$@\" 3</dev/null", "sh"));
        command.addAll(application(List.of("-Dprints.sockets=true"), "run", "--no-pid-file"));
        Process process = ready(command);
        assertThat(terminal()).startsWith("sockets: []\n");
        stop(process, Signal.SIGTERM);
    }

    @Test
    void run_with_a_notification_descriptor_is_one_line() throws Exception {
        assertThat(runner.run(application(List.of(), "run", "--notification-fd", "5")).err())
                .isEqualTo("app: --notification-fd \"5\": " + REASON + "\n");
    }

    @Test
    void run_as_another_user_warns_and_root_is_refused() throws Exception {
        Process process = ready(
                application(List.of("-Das.user=nobody", "-Duser.name=ada"), "run", "--no-pid-file"));
        assertThat(terminal()).startsWith(
                "app: warning: user nobody: ignored, and the application runs as ada: " + REASON + "\n");
        stop(process, Signal.SIGTERM);
        assertThat(runner
                .run(application(List.of("-Das.user=nobody", "-Duser.name=root"), "run", "--no-pid-file")))
                .isEqualTo(new CommandResult(4, "",
                        "app: user nobody: run cannot change the user; execute run as that user\n"));
    }

    @Test
    void run_of_application_that_fails_exits_with_1() throws Exception {
        CommandResult run = runner.run(application(List.of(), "run", "fail"));
        assertThat(run.status()).isEqualTo(1);
        assertThat(run.err()).contains("as it was told");
    }

    @ParameterizedTest
    @CsvSource({"start, 1", "stop, 1", "restart, 1", "reload, 1", "plan, 1", "train, 1", "status, 4",
        "status --json, 4"})
    void other_subcommand_is_one_line(String line, int status) throws Exception {
        assertThat(runner.run(application(List.of(), line.split(" "))))
                .isEqualTo(new CommandResult(status, "",
                        "app: " + line.split(" ")[0] + ": " + REASON + "; use run\n"));
    }

    @Test
    void help_version_and_usage_are_as_elsewhere() throws Exception {
        assertThat(runner.run(application(List.of(), "help")).out()).startsWith("usage: start ");
        assertThat(runner.run(application(List.of(), "--version")).status()).isZero();
        CommandResult usage = runner.by("env", "-u", "NOTIFY_SOCKET", "-u", "SUPERVISOR_ENABLED")
                .run(application(List.of()));
        assertThat(usage.status()).isEqualTo(2);
        assertThat(usage.err()).startsWith("a subcommand is missing\nusage: start ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"start -- true", "run -- true", "nohup -- true", "plan", "trace", "demo",
        "stop --name x", "reload --name x", "restart --name x -- true", "status --name x"})
    void subcommand_of_the_command_is_one_line(String line) throws Exception {
        assertThat(runner.run(words("io.github.daemonsteps.cli.Main", List.of(), line.split(" "))))
                .isEqualTo(new CommandResult(line.startsWith("status") ? 4 : 1, "",
                        "daemon-steps: " + REASON + "\n"));
    }

    @Test
    void help_and_version_of_the_command_are_as_elsewhere() throws Exception {
        assertThat(runner.run(words("io.github.daemonsteps.cli.Main", List.of(), "--help")).status())
                .isZero();
        assertThat(runner.run(words("io.github.daemonsteps.cli.Main", List.of(), "--version")).status())
                .isZero();
    }
}
