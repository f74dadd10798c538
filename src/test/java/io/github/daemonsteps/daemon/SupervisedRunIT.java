package io.github.daemonsteps.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daemonsteps.ffm.NativePosix;
import io.github.daemonsteps.posix.Processes;
import io.github.daemonsteps.posix.Signal;
import io.github.daemonsteps.testing.Await;
import io.github.daemonsteps.testing.ChildJvm;
import io.github.daemonsteps.testing.CommandRunner;
import io.github.daemonsteps.testing.OrdinaryUser;
import io.github.daemonsteps.testing.Tool;
import io.github.daemonsteps.testkit.CommandResult;
import io.github.daemonsteps.testkit.Daemons;
import io.github.daemonsteps.testkit.Launcher;
import io.github.daemonsteps.testkit.Pty;
import io.github.daemonsteps.testkit.TestDirectory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** An application that is started without a subcommand, as by a supervisor and from a shell. */
@Daemons
class SupervisedRunIT {

    private static final String BY_SYSTEMD =
            "app: running in the foreground, since systemd started this process";

    /** A shell line after which the process has the variable of systemd. */
    private static final String SYSTEMD = "export SYSTEMD_EXEC_PID=$$; exec \"$@\"";

    private static final List<String> INHERITED = List.of("NOTIFY_SOCKET", "SUPERVISOR_ENABLED");

    private Path directory;
    private CommandRunner runner;

    @BeforeEach
    void open(Launcher launcher, TestDirectory testDirectory) {
        directory = testDirectory.path();
        runner = new CommandRunner(launcher, directory);
    }

    private List<String> words(List<String> options, String... arguments) {
        List<String> all = new ArrayList<>(List.of("-Ddaemonsteps.directory=" + directory));
        all.addAll(options);
        return ChildJvm.command(all, ForegroundApplication.class, arguments);
    }

    private List<String> shell(String line, List<String> words) {
        List<String> all = new ArrayList<>(List.of("/bin/sh", "-c", line, "sh"));
        all.addAll(words);
        return all;
    }

    private String terminal() throws Exception {
        Path file = directory.resolve("terminal");
        return Files.exists(file) ? Files.readString(file) : "";
    }

    /** Starts a command, and returns when its application is ready. */
    private Process ready(List<String> command) throws Exception {
        Process process = runner.builder(command).redirectErrorStream(true)
                .redirectOutput(directory.resolve("terminal").toFile()).start();
        Await.until(() -> terminal().contains("app: ready: ") || !process.isAlive(), this::terminal);
        Assumptions.assumeFalse(terminal().contains("unshare: ") || terminal().contains("mount: "),
                terminal());
        assertThat(process.isAlive()).as(terminal()).isTrue();
        return process;
    }

    private void reloadAndStop(Process process, int pid, Signal stop) throws Exception {
        Processes.signal(pid, Signal.SIGHUP);
        Await.until(() -> terminal().contains("reloaded\n"));
        Processes.signal(pid, stop);
        assertThat(process.waitFor(ChildJvm.DEADLINE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isZero();
        assertThat(terminal()).endsWith("stopped\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"SIGTERM", "SIGINT"})
    void systemd_gets_a_run_in_the_foreground_with_its_output(String stop) throws Exception {
        Process process = ready(shell(SYSTEMD, words(List.of())));
        assertThat(terminal().lines()).containsExactly(BY_SYSTEMD,
                "app: ready: process " + process.pid());
        reloadAndStop(process, (int) process.pid(), Signal.named(stop).orElseThrow());
        assertThat(directory.resolve("app.pid")).as("no file is named").doesNotExist();
    }

    @Test
    void journal_as_standard_output_is_that_of_systemd() throws Exception {
        Process process = ready(shell("export JOURNAL_STREAM=$(stat -L -c %d:%i /proc/$$/fd/1); exec \"$@\"",
                words(List.of())));
        assertThat(terminal()).startsWith(BY_SYSTEMD);
        reloadAndStop(process, (int) process.pid(), Signal.SIGTERM);
    }

    @Test
    void named_pid_file_is_taken_as_by_run() throws Exception {
        Path pidFile = directory.resolve("named.pid");
        List<String> options = List.of("-Dpid.file=" + pidFile);
        Process process = ready(shell(SYSTEMD, words(options)));
        assertThat(pidFile).hasContent(process.pid() + "\n");
        assertThat(runner.run(words(options, "status")).out())
                .startsWith("app: running, pid " + process.pid() + ",");
        CommandResult second = runner.run(shell(SYSTEMD, words(options)));
        assertThat(second).isEqualTo(new CommandResult(1, BY_SYSTEMD + "\n",
                "app: runs already, pid " + process.pid() + "\n"));
        assertThat(runner.run(words(options, "stop")).status()).isZero();
        assertThat(process.waitFor(ChildJvm.DEADLINE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isZero();
    }

    @Test
    void named_pid_file_that_cannot_be_created_is_a_warning() throws Exception {
        var ordinary = new OrdinaryUser(directory);
        Path forbidden = ordinary.forbidden(directory.resolve("forbidden"));
        List<String> command = ordinary.command(List.of("-Dpid.file=" + forbidden.resolve("app.pid")),
                ForegroundApplication.class);
        Process process = ready(shell(SYSTEMD, command));
        assertThat(terminal().lines().toList()).hasSize(3).first().isEqualTo(BY_SYSTEMD);
        assertThat(terminal().lines().toList().get(1)).startsWith("app: warning: no pid file: ")
                .contains("(EACCES, 13)");
        reloadAndStop(process, Integer.parseInt(terminal().replaceFirst("(?s).*process ", "").strip()),
                Signal.SIGTERM);
    }

    @Test
    void application_that_fails_under_a_supervisor_exits_with_1() throws Exception {
        CommandResult run = runner.run(shell(SYSTEMD, words(List.of("-Dfails=true"))));
        assertThat(run.status()).isEqualTo(1);
        assertThat(run.out()).isEqualTo(BY_SYSTEMD + "\n");
        assertThat(run.err()).contains("as it was told");
    }

    @Test
    void explicit_subcommand_wins() throws Exception {
        CommandResult status = runner.run(shell(SYSTEMD, words(List.of(), "status")));
        assertThat(status.status()).isEqualTo(3);
        assertThat(status.out()).isEqualTo("app: not running, pid file "
                + directory.resolve("app.pid") + "\n");
        CommandResult unknown = runner.run(shell(SYSTEMD, words(List.of(), "--port")));
        assertThat(unknown.status()).isEqualTo(2);
        assertThat(unknown.err()).startsWith("unknown subcommand \"--port\"\nusage: ");
    }

    /** The variables are those that a terminal of a desktop inherits from the services of the desktop. */
    @Test
    void shell_on_a_terminal_gets_the_usage() throws Exception {
        try (var terminal = Pty.open()) {
            List<String> command = new ArrayList<>(List.of(Tool.need("setsid"), "--ctty", "--wait"));
            command.addAll(shell("export SYSTEMD_EXEC_PID=1 INVOCATION_ID=0123456789abcdef JOURNAL_STREAM=8:1"
                    + " NOTIFY_SOCKET=/run/notify SUPERVISOR_ENABLED=1 LISTEN_PID=1 WATCHDOG_PID=1; exec"
                    + " \"$@\" > terminal 2>&1", words(List.of())));
            Process shell = runner.builder(command).redirectInput(terminal.path().toFile()).start();
            assertThat(shell.waitFor(ChildJvm.DEADLINE.toSeconds(), TimeUnit.SECONDS)).isTrue();
            assertThat(shell.exitValue()).isEqualTo(2);
            assertThat(terminal()).startsWith("a subcommand is missing\nusage: start ");
        }
    }

    /** An orphan has process 1, or the nearest subreaper, as its parent. */
    @Test
    void orphan_without_a_terminal_gets_the_usage() throws Exception {
        List<String> command = new ArrayList<>(List.of("env"));
        INHERITED.forEach(name -> command.addAll(List.of("-u", name)));
        command.addAll(List.of(Tool.need("setsid"), "--fork"));
        command.addAll(shell("\"$@\" > terminal 2>&1; echo $? > status", words(List.of())));
        assertThat(runner.run(command).status()).isZero();
        Path status = directory.resolve("status");
        Await.until(() -> Files.exists(status) && Files.size(status) > 0);
        assertThat(status).hasContent("2\n");
        assertThat(terminal()).startsWith("a subcommand is missing\nusage: start ");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"NOTIFY_SOCKET=/nowhere | a supervisor",
        "SUPERVISOR_ENABLED=1 | supervisord"})
    void process_without_a_terminal_has_the_supervisor_of_its_variable(String variable, String who)
            throws Exception {
        List<String> command = new ArrayList<>(List.of("env", "-u", "SYSTEMD_EXEC_PID", "-u", "NOTIFY_SOCKET",
                variable, Tool.need("setsid"), "--wait"));
        command.addAll(words(List.of()));
        Process process = ready(command);
        assertThat(terminal()).contains("app: running in the foreground, since " + who
                + " started this process\n");
        reloadAndStop(process, Integer.parseInt(terminal().replaceFirst("(?s).*process ", "").strip()),
                Signal.SIGTERM);
    }

    /** The file system is read-only, as that of a container can be. A named pid file is then a warning. */
    @ParameterizedTest
    @CsvSource({"-Dfails=false, ''", "-Dpid.file=/daemon-steps-test.pid, '(EROFS, 30)'"})
    void process_1_of_a_pid_namespace_runs_and_handles_signals(String option, String warning)
            throws Exception {
        Assumptions.assumeTrue(NativePosix.get().getuid() == 0, "only root can make a pid namespace");
        List<String> command = new ArrayList<>(List.of(Tool.need("unshare"), "--mount", "--pid", "--fork",
                "--kill-child", "--mount-proc"));
        command.addAll(shell("mount -o remount,bind,ro / && exec \"$@\"",
                words(List.of(option))));
        Process namespace = ready(command);
        assertThat(terminal()).startsWith(
                "app: running in the foreground, since this is process 1 of its pid namespace\n")
                .contains(warning).endsWith("app: ready: process 1\n");
        assertThat(terminal().lines()).hasSize(warning.isEmpty() ? 2 : 3);
        int pid = (int) namespace.children().findFirst().orElseThrow().pid();
        reloadAndStop(namespace, pid, Signal.SIGTERM);
    }
}
