package io.github.daemonsteps.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daemonsteps.posix.Processes;
import io.github.daemonsteps.process.ProcessState;
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
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** {@code run} of an application: it acquires the pid file as its daemon does. */
@Daemons
class ForegroundIT {

    private Path directory;
    private CommandRunner runner;

    @BeforeEach
    void open(Launcher launcher, TestDirectory testDirectory) {
        directory = testDirectory.path();
        runner = new CommandRunner(launcher, directory);
    }

    private List<String> words(String... arguments) {
        return words(List.of(), arguments);
    }

    private List<String> words(List<String> more, String... arguments) {
        List<String> options = new ArrayList<>(
                List.of("-Ddirectory=" + directory));
        options.addAll(more);
        return ChildJvm.command(options, Application.class, arguments);
    }

    private CommandResult app(String... arguments) throws Exception {
        return runner.run(words(arguments));
    }

    private Path file(String name) {
        return directory.resolve(name);
    }

    private int pid() throws IOException {
        return Integer.parseInt(Files.readString(file("app.pid")).strip());
    }

    private Process running(String... arguments) throws Exception {
        return ready(words(arguments));
    }

    private Process ready(List<String> words) throws Exception {
        Process run = runner.builder(words).redirectErrorStream(true)
                .redirectOutput(file("terminal").toFile()).start();
        Await.until(() -> Files.readString(file("terminal")).contains("app: ready: "));
        return run;
    }

    private static void awaitEnd(Process process) throws InterruptedException {
        assertThat(process.waitFor(ChildJvm.DEADLINE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void run_beside_the_daemon_is_refused() throws Exception {
        app("start");
        int pid = pid();
        CommandResult run = app("run");
        assertThat(run.status()).isEqualTo(1);
        assertThat(run.err()).isEqualTo("app: runs already, pid " + pid + "\n");
        assertThat(runner.processes()).containsExactly(pid);
        app("stop");
    }

    @Test
    void run_is_seen_and_stopped_as_the_daemon_is() throws Exception {
        Process run = running("run", "x");
        assertThat(pid()).isEqualTo((int) run.pid());
        assertThat(app("status").out()).startsWith("app: running, pid " + run.pid() + ",");
        assertThat(app("start"))
                .isEqualTo(new CommandResult(0, "app: runs already, pid " + run.pid() + "\n", ""));
        assertThat(app("run").status()).isEqualTo(1);
        CommandResult stop = app("stop");
        assertThat(stop.out()).isEqualTo("app: stopped, pid " + run.pid() + "\n");
        awaitEnd(run);
        assertThat(file("app.pid")).doesNotExist();
        assertThat(file("app.pid.record")).doesNotExist();
    }

    /** The shell is the session leader, as the parent of a daemon is until the daemon is ready. */
    @Test
    void run_of_a_shell_that_leads_its_session_is_stopped_alone() throws Exception {
        List<String> words = new ArrayList<>(List.of(Tool.need("setsid"), "--wait", "/bin/sh", "-c",
                "sleep 300 & echo $! > job; \"$@\" > terminal 2>&1 & wait $!; echo ended > after; kill $(cat job)",
                "sh"));
        words.addAll(words("run"));
        Process shell = runner.builder(words).start();
        Await.until(() -> Files.exists(file("terminal"))
                && Files.readString(file("terminal")).contains("app: ready: "));
        int job = Integer.parseInt(Files.readString(file("job")).strip());
        assertThat(app("status").out()).startsWith("app: running, pid " + pid() + ",");
        assertThat(Processes.hasEnded(job)).isFalse();
        assertThat(app("stop").out()).isEqualTo("app: stopped, pid " + stoppedPid() + "\n");
        awaitEnd(shell);
        assertThat(file("after")).as("the shell has lived on").hasContent("ended\n");
    }

    private String stoppedPid() throws IOException {
        return Files.readString(file("worked")).strip();
    }

    @Test
    void killed_run_is_dead_and_the_next_start_succeeds() throws Exception {
        Process run = running("run");
        run.destroyForcibly();
        awaitEnd(run);
        assertThat(app("status").status()).isEqualTo(1);
        assertThat(app("start").status()).isZero();
        assertThat(app("stop").status()).isZero();
    }

    @Test
    void run_without_pid_file_goes_beside_the_daemon_and_is_not_seen() throws Exception {
        app("start");
        int pid = pid();
        Process run = running("run", "--no-pid-file", "y");
        assertThat(pid()).isEqualTo(pid);
        assertThat(app("status").out()).startsWith("app: running, pid " + pid + ",");
        run.destroy();
        awaitEnd(run);
        assertThat(app("stop").out()).isEqualTo("app: stopped, pid " + pid + "\n");
    }

    @Test
    void run_is_reloaded_as_the_daemon_is() throws Exception {
        Process run = running("run");
        CommandResult reload = app("reload");
        assertThat(reload.status()).as("%s", reload).isZero();
        Await.until(() -> Files.readString(file("terminal")).contains("reloaded"));
        app("stop");
        awaitEnd(run);
    }

    @Test
    void run_with_sighup_ignored_says_that_it_does_not_reload() throws Exception {
        Process run = runningWithout("HUP");
        assertThat(Files.readString(file("terminal")))
                .contains("app: SIGHUP is ignored, as by nohup: reload actions do not run\n");
        CommandResult reload = app("reload");
        assertThat(reload.status()).isEqualTo(1);
        assertThat(reload.err())
                .isEqualTo("app: not reloaded: process " + run.pid() + " ignores SIGHUP\n");
        assertThat(app("stop").out()).isEqualTo("app: stopped, pid " + run.pid() + "\n");
        assertThat(file("actions")).as("stop actions run").content().contains("stops");
        awaitEnd(run);
    }

    @Test
    void run_with_sigterm_ignored_says_that_it_does_not_stop_in_order() throws Exception {
        Process run = runningWithout("TERM");
        assertThat(Files.readString(file("terminal"))).contains(
                "app: SIGTERM is ignored, since this process was started so: stop actions do not run\n");
        assertThat(runner.run(words(List.of("-Dstop.timeout=500"), "stop")).status()).isZero();
        assertThat(file("actions")).doesNotExist();
        awaitEnd(run);
    }

    /** A shell without job control starts a command with {@code &} so. */
    @Test
    void run_with_sigint_ignored_stops_and_reloads() throws Exception {
        Process run = runningWithout("INT");
        assertThat(Files.readString(file("terminal"))).doesNotContain("ignored");
        assertThat(app("reload").status()).isZero();
        Await.until(() -> Files.exists(file("actions")));
        assertThat(app("stop").status()).isZero();
        awaitEnd(run);
    }

    /** Starts a run with a signal ignored. */
    private Process runningWithout(String signal) throws Exception {
        List<String> words = new ArrayList<>(List.of("env", "--ignore-signal=" + signal));
        words.addAll(words("run"));
        return ready(words);
    }

    @Test
    void run_on_a_terminal_is_seen_and_stopped_alone() throws Exception {
        try (var terminal = Pty.open()) {
            List<String> words =
                    new ArrayList<>(List.of(Tool.need("setsid"), "--ctty", "--wait", "/bin/sh", "-c",
                            "\"$@\" > terminal 2>&1; echo ended > after", "sh"));
            words.addAll(words("run"));
            Process shell =
                    runner.builder(words).redirectInput(terminal.path().toFile()).start();
            Await.until(() -> Files.exists(file("terminal"))
                    && Files.readString(file("terminal")).contains("app: ready: "));
            int pid = pid();
            assertThat(ProcessState.of(pid).tty()).isEqualTo(terminal.path().toString());
            assertThat(app("status").out()).startsWith("app: running, pid " + pid + ",");
            assertThat(app("stop").out()).isEqualTo("app: stopped, pid " + pid + "\n");
            awaitEnd(shell);
            assertThat(file("after")).as("the shell has lived on").hasContent("ended\n");
        }
    }

    @Test
    void run_without_pid_file_passes_the_arguments_after_the_option() throws Exception {
        Process run = running("run", "--no-pid-file", "--no-pid-file", "y");
        assertThat(Files.readString(file("arguments"))).isEqualTo("[--no-pid-file, y]");
        assertThat(file("app.pid")).doesNotExist();
        run.destroy();
        awaitEnd(run);
    }

    @Test
    void run_of_application_without_pid_file_in_foreground_creates_none() throws Exception {
        Process run = ready(words(List.of("-Dno.pid.file.in.foreground=true"), "run"));
        assertThat(file("app.pid")).doesNotExist();
        assertThat(app("status").status()).isEqualTo(3);
        run.destroy();
        awaitEnd(run);
    }

    @Test
    void run_that_cannot_create_the_pid_file_names_the_option_to_omit_it() throws Exception {
        var ordinary = new OrdinaryUser(directory);
        Path forbidden = ordinary.forbidden(file("forbidden"));
        CommandResult run =
                runner.run(ordinary.command(List.of("-Ddirectory=" + forbidden), Application.class, "run"));
        assertThat(run.status()).as("not permitted").isEqualTo(4);
        assertThat(run.out()).isEmpty();
        assertThat(run.err().lines()).singleElement().asString()
                .startsWith("app: not started: ").contains(forbidden.toString(), "(EACCES, 13)")
                .endsWith("; run --no-pid-file does without a pid file");
    }

    /** Its shell is a session leader, as the parent of a daemon is until the daemon is ready. */
    @Test
    void run_that_has_not_written_its_number_yet_is_running() throws Exception {
        List<String> words =
                new ArrayList<>(
                        List.of(Tool.need("setsid"), "--wait", "/bin/sh", "-c", "\"$@\"; exit", "sh"));
        words.addAll(ChildJvm.command(List.of(), PausedRun.class, file("app.pid").toString()));
        try (var run = ChildJvm.start(runner.builder(words))) {
            int pid = Integer.parseInt(run.line());
            assertThat(file("app.pid")).isEmptyFile();
            assertThat(app("status").out()).startsWith("app: running, pid " + pid + ",");
            assertThat(app("start").out()).isEqualTo("app: runs already, pid " + pid + "\n");
            assertThat(app("stop").out()).isEqualTo("app: stopped, pid " + pid + "\n");
            assertThat(run.rest()).isEmpty();
        }
    }

    /** The shell, its session leader, has ended. The group looks like that of a start. */
    @Test
    void run_without_record_is_stopped_alone() throws Exception {
        List<String> words = new ArrayList<>(List.of(Tool.need("setsid"), "--fork", "/bin/sh", "-c",
                "sleep 300 & echo $! > job; \"$@\" > terminal 2>&1 &", "sh"));
        words.addAll(words("run"));
        assertThat(runner.run(words).status()).isZero();
        Await.until(() -> Files.exists(file("terminal"))
                && Files.readString(file("terminal")).contains("app: ready: "));
        int pid = pid();
        int job = Integer.parseInt(Files.readString(file("job")).strip());
        Files.delete(file("app.pid.record"));
        assertThat(app("stop")).isEqualTo(new CommandResult(0, "app: stopped, pid " + pid + "\n", ""));
        assertThat(Processes.hasEnded(job)).isFalse();
        Processes.kill(job);
    }
}
