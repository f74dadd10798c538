package io.github.daemonsteps.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daemonsteps.posix.Processes;
import io.github.daemonsteps.posix.Signal;
import io.github.daemonsteps.posix.SignalSet;
import io.github.daemonsteps.process.ProcessState;
import io.github.daemonsteps.testing.Await;
import io.github.daemonsteps.testing.ChildJvm;
import io.github.daemonsteps.testing.CommandRunner;
import io.github.daemonsteps.testkit.CommandResult;
import io.github.daemonsteps.testkit.Daemons;
import io.github.daemonsteps.testkit.Launcher;
import io.github.daemonsteps.testkit.Pty;
import io.github.daemonsteps.testkit.TestDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** An application that is a daemon, from its start to its end. */
@Daemons
@Timeout(300)
class DaemonIT {

    /** The number of concurrent starts: several of them meet at each step. */
    private static final int MANY = 20;

    private Path directory;
    private CommandRunner runner;

    @BeforeEach
    void open(Launcher launcher, TestDirectory testDirectory) {
        directory = testDirectory.path();
        runner = new CommandRunner(launcher, directory);
    }

    private List<String> words(List<String> options, String... arguments) {
        List<String> all = new ArrayList<>(List.of("-Ddirectory=" + directory));
        all.addAll(options);
        return ChildJvm.command(all, Application.class, arguments);
    }

    private CommandResult app(String... arguments) throws Exception {
        return runner.run(words(List.of(), arguments));
    }

    private int pid() throws IOException {
        return Integer.parseInt(Files.readString(directory.resolve("app.pid")).trim());
    }

    private Path file(String name) {
        return directory.resolve(name);
    }

    @Test
    void path_that_the_daemon_resolves_is_that_of_the_launchers_directory() throws Exception {
        assertThat(app("start", "resolves", "conf/a b").out()).endsWith(": " + file("conf/a b") + "\n");
        app("stop");
        assertThat(app("start", "resolves", "/etc").out()).endsWith(": /etc\n");
        app("stop");
    }

    @Test
    void daemon_is_ready_and_runs_until_it_is_stopped() throws Exception {
        CommandResult start = app("start", "a", "b c");
        int pid = pid();
        assertThat(start).isEqualTo(new CommandResult(0, "app: started, pid " + pid + ": here I am\n", ""));
        assertThat(file("worked")).as("the worker runs in the daemon alone").hasContent(pid + "\n");
        CommandResult status = app("status");
        assertThat(status.status()).isZero();
        assertThat(status.out()).startsWith("app: running, pid " + pid + ", since 20")
                .endsWith("Z, pid file " + file("app.pid") + ", log " + file("app.log") + "\n");
        assertThat(file("app.log")).hasContent("standard output\nstandard error\n");
        ProcessState state = ProcessState.of(pid);
        assertThat(state.isSessionLeader()).isFalse();
        assertThat(state.tty()).isNull();
        assertThat(state.cwd()).isEqualTo("/");
        assertThat(state.umask()).hasToString("0027");
        assertThat(state.blocked()).isEqualTo(SignalSet.NONE);
        assertThat(state.ignored()).isEqualTo(SignalSet.NONE);
        CommandResult stop = app("stop");
        assertThat(stop).isEqualTo(new CommandResult(0, "app: stopped, pid " + pid + "\n", ""));
        assertThat(Processes.hasEnded(pid)).isTrue();
        assertThat(file("app.pid")).doesNotExist();
        assertThat(file("actions")).hasContent("stops last to first: last\nstops first to last: first\n");
        String notRunning = "app: not running, pid file " + file("app.pid") + "\n";
        assertThat(app("stop")).isEqualTo(new CommandResult(0, notRunning, ""));
        assertThat(app("status")).isEqualTo(new CommandResult(3, notRunning, ""));
        assertThat(app("reload")).isEqualTo(new CommandResult(7, "", notRunning));
    }

    @Test
    void descriptors_of_daemon_are_the_standard_ones_its_lock_and_its_own() throws Exception {
        app("start");
        int pid = pid();
        // The daemon closes the readiness descriptor a moment later.
        Await.until(() -> descriptors(pid).stream().noneMatch(file -> file.startsWith("pipe:")),
                () -> descriptors(pid));
        assertThat(descriptors(pid))
                .contains("/dev/null", file("app.log").toString(), file("app.pid").toString())
                .filteredOn(file -> !file.contains("/lib/modules") && !file.endsWith(".jar")).hasSize(4);
        assertThat(file("app.pid")).hasContent(pid + "\n");
        Await.until(() -> threads(pid).stream().noneMatch(thread -> thread.startsWith("daemon-steps")));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file("app.log"))))
                .isEqualTo("rw-r-----");
        app("stop");
    }

    private static List<String> threads(int pid) throws IOException {
        return Processes.filesOfThreads(pid, "comm").stream().map(String::strip).toList();
    }

    private static List<String> descriptors(int pid) {
        return List.copyOf(Objects.requireNonNull(ProcessState.of(pid).fds()).values());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"throws | no port is left",
        "throws-an-error | java.lang.StackOverflowError",
        "throws-what-cannot-be-printed | io.github.daemonsteps.daemon.Application$Unprintable",
        "exits | exited with status 3", "kills-itself | killed by signal 9 (SIGKILL)",
        "returns | the application returned without calling ready()", "tidies-up | untidy"})
    void failed_start_reports_reason_and_leaves_nothing(String how, String why) throws Exception {
        CommandResult start = app("start", how);
        assertThat(start.status()).isEqualTo(1);
        assertThat(start.out()).isEmpty();
        assertThat(start.err().lines().findFirst()).contains("app: not started: " + why);
        assertThat(runner.processes()).isEmpty();
        assertThat(file("app.pid")).doesNotExist();
        assertThat(file("worked")).exists();
        if (how.equals("throws-what-cannot-be-printed")) {
            assertThat(start.err()).contains(
                    "Application$Unprintable, whose stack trace cannot be printed: java.lang.IllegalStateException");
        } else if (how.startsWith("throws")) {
            assertThat(start.err()).contains("the end of " + file("app.log") + ":", " frames]")
                    .doesNotContain("   at ");
        }
        assertThat(Files.exists(file("actions"))).isEqualTo(how.equals("tidies-up"));
    }

    @Test
    void start_without_readiness_is_killed_at_the_timeout() throws Exception {
        CommandResult start = runner.run(words(List.of("-Dstart.timeout=1500"), "start", "is-silent"));
        assertThat(start.status()).isEqualTo(1);
        assertThat(start.err())
                .startsWith("app: not started: not ready within 1500 ms; killed\n");
        assertThat(runner.processes()).isEmpty();
        assertThat(file("app.pid")).doesNotExist();
    }

    @Test
    void start_can_extend_its_timeout() throws Exception {
        Process start = runner.builder(words(List.of("-Dstart.timeout=3000"), "start", "extends")).start();
        try {
            Await.until(() -> Files.exists(file("extended")));
            assertThat(start.waitFor(4, TimeUnit.SECONDS)).as("it is still waited for").isFalse();
            Files.writeString(file("go"), "");
            assertThat(start.waitFor(ChildJvm.DEADLINE.toSeconds(), TimeUnit.SECONDS)).isTrue();
            assertThat(start.exitValue()).isZero();
        } finally {
            start.destroyForcibly();
        }
        app("stop");
    }

    @Test
    void launcher_ended_by_signal_cancels_the_start() throws Exception {
        Process start = runner.builder(words(List.of(), "start", "waits")).start();
        Await.until(() -> Files.exists(file("worked")));
        start.destroy();
        assertThat(start.waitFor(ChildJvm.DEADLINE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(start.exitValue()).isEqualTo(128 + 15);
        assertThat(runner.processes()).isEmpty();
        assertThat(file("app.pid")).doesNotExist();
    }

    @Test
    void killed_launcher_leaves_a_proper_daemon_alone() throws Exception {
        Process start = runner.builder(words(List.of(), "start", "waits")).start();
        Await.until(() -> Files.exists(file("worked")));
        start.destroyForcibly().waitFor();
        int pid = pid();
        Await.until(() -> runner.processes().equals(List.of(pid)));
        assertThat(app("status").status()).isZero();
        Files.writeString(file("go"), "");
        Await.until(() -> Files.exists(file("went-on")));
        assertThat(Files.readString(file("app.log"))).contains("the launcher has exited");
        assertThat(app("stop").status()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"x=$(\"$@\"); echo \"$x\"", "\"$@\" | cat", "\"$@\" 2>&1 | cat"})
    void reader_of_launcher_output_does_not_wait_for_the_daemon(String line) throws Exception {
        CommandResult start = runner.shell(line, words(List.of(), "start"));
        assertThat(start.status()).isZero();
        assertThat(start.out()).startsWith("app: started, pid ").endsWith(": here I am\n");
        app("stop");
    }

    @Test
    void terminal_closes_after_the_start_without_ending_the_daemon() throws Exception {
        try (var terminal = Pty.open()) {
            CommandResult start = runner.shell("exec setsid --ctty --wait \"$@\" <\"$0\" >\"$0\" 2>&1"
                    .replace("$0", terminal.path().toString()), words(List.of(), "start"));
            assertThat(start.status()).isZero();
        }
        CommandResult status = app("status");
        assertThat(status.status()).isZero();
        assertThat(ProcessState.of(pid()).tty()).isNull();
        app("stop");
    }

    @Test
    void concurrent_starts_start_one_daemon_and_report_it() throws Exception {
        List<Future<CommandResult>> starts = new ArrayList<>();
        try (var executor = Executors.newFixedThreadPool(MANY)) {
            for (int i = 0; i < MANY; i++) {
                starts.add(executor.submit(() -> runner.command("start", "--name", "many", "--pid-file",
                        "app.pid", "--log", "app.log", "--", "sleep", "300")));
            }
        }
        List<String> answers = new ArrayList<>();
        for (Future<CommandResult> start : starts) {
            assertThat(start.get().status()).as("%s", start.get()).isZero();
            answers.add(start.get().out());
        }
        int pid = pid();
        assertThat(answers).filteredOn(answer -> answer.equals("many: started, pid " + pid + "\n"))
                .hasSize(1);
        assertThat(answers).filteredOn(answer -> answer.equals("many: runs already, pid " + pid + "\n")
                || answer.equals("many: is being started already, pid " + pid + "\n")).hasSize(MANY - 1);
        assertThat(runner.processes()).containsExactly(pid);
        assertThat(runner.command("stop", "--pid-file", "app.pid").status()).isZero();
    }

    @Test
    void second_start_reports_the_running_daemon() throws Exception {
        app("start");
        assertThat(app("start"))
                .isEqualTo(new CommandResult(0, "app: runs already, pid " + pid() + "\n", ""));
        app("stop");
    }

    @Test
    void restart_replaces_a_running_daemon_and_starts_a_stopped_one() throws Exception {
        assertThat(app("restart").out())
                .matches("app: not running, pid file .*\napp: started, pid \\d+: here I am\n");
        int old = pid();
        assertThat(app("restart").out()).isEqualTo("app: stopped, pid " + old + "\napp: started, pid " + pid()
                + ": here I am\n");
        assertThat(pid()).isNotEqualTo(old);
        assertThat(Processes.hasEnded(old)).isTrue();
        app("stop");
    }

    @Test
    void killed_daemon_is_dead_and_can_be_started_again() throws Exception {
        app("start");
        int old = pid();
        Processes.kill(old);
        CommandResult status = app("status");
        assertThat(status.status()).isEqualTo(1);
        assertThat(status.out())
                .isEqualTo("app: dead, and its pid file is still there: " + file("app.pid") + "\n");
        assertThat(app("start").status()).isZero();
        assertThat(pid()).isNotEqualTo(old);
        app("stop");
        assertThat(file("app.pid")).doesNotExist();
    }

    @Test
    void reload_reopens_the_log_and_runs_the_actions() throws Exception {
        app("start");
        Files.move(file("app.log"), file("app.log.1"));
        assertThat(app("reload"))
                .isEqualTo(new CommandResult(0, "app: asked to reload, pid " + pid() + "\n", ""));
        Await.until(() -> Files.exists(file("actions")));
        assertThat(file("app.log")).hasContent("reloaded\n");
        assertThat(file("app.log.1")).hasContent("standard output\nstandard error\n");
        assertThat(file("actions")).hasContent("reloads\n");
        app("stop");
    }

    @Test
    void action_that_throws_does_not_prevent_the_others() throws Exception {
        app("start", "throws-everything");
        assertThat(app("reload").status()).isZero();
        Await.until(() -> Files.exists(file("actions")) && Files.size(file("actions")) > 0);
        assertThat(file("actions")).hasContent("reloads\n");
        assertThat(app("stop").status()).isZero();
        assertThat(Files.readAllLines(file("actions"))).containsExactly("reloads",
                "stops last to first: last", "stops first to last: first", "stops after all that");
        assertThat(Files.readString(file("app.log"))).contains("StackOverflowError: an error",
                "NoClassDefFoundError: a/missing/Class",
                "Application$Unprintable, whose stack trace cannot be printed: java.lang.IllegalStateException");
    }

    @Test
    void reload_runs_its_actions_without_a_log() throws Exception {
        app("start", "cannot-log");
        Files.move(file("app.log"), file("app.log.1"));
        Files.createDirectory(file("app.log"));
        assertThat(app("reload").status()).isZero();
        Await.until(() -> Files.exists(file("actions")) && Files.size(file("actions")) > 0);
        assertThat(file("actions")).hasContent("reloads\n");
        app("stop");
    }

    @Test
    void reload_reopens_the_error_log_if_the_log_cannot_be_opened() throws Exception {
        runner.run(words(List.of("-Derror.log=true"), "start"));
        Files.move(file("app.log"), file("app.log.1"));
        Files.createDirectory(file("app.log"));
        Files.move(file("app.err"), file("app.err.1"));
        assertThat(app("reload").status()).isZero();
        Await.until(() -> Files.exists(file("actions")));
        assertThat(file("app.err")).exists();
        app("stop");
    }

    @Test
    void standard_error_has_an_error_log() throws Exception {
        runner.run(words(List.of("-Derror.log=true"), "start"));
        assertThat(file("app.log")).hasContent("standard output\n");
        assertThat(file("app.err")).hasContent("standard error\n");
        app("stop");
    }

    @Test
    void reload_is_refused_by_a_jvm_that_leaves_signals_to_the_system() throws Exception {
        runner.run(words(List.of("-Xrs"), "start"));
        CommandResult reload = app("reload");
        assertThat(reload.status()).isEqualTo(1);
        assertThat(reload.err()).isEqualTo("app: not reloaded: process " + pid()
                + " does not catch SIGHUP, and would die of it\n");
        app("stop");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "-Derror.log=true | the log \"DIRECTORY/app.err\" is not a regular file",
        "-XX:HeapDumpPath=dump | \"-XX:HeapDumpPath=dump\": \"dump\" is relative"})
    void restart_that_would_fail_leaves_the_application_running(String option, String why) throws Exception {
        app("start");
        int pid = pid();
        Files.createDirectory(file("app.err"));
        CommandResult restart = runner.run(words(List.of(option), "restart"));
        assertThat(restart.status()).isEqualTo(1);
        assertThat(restart.err()).startsWith("app: not started: ")
                .contains(why.replace("DIRECTORY", directory.toString()));
        assertThat(Processes.hasEnded(pid)).isFalse();
        assertThat(pid()).isEqualTo(pid);
        CommandResult again = app("restart");
        assertThat(again.status()).as("%s", again).isZero();
        assertThat(pid()).isNotEqualTo(pid);
        assertThat(runner.processes()).containsExactly(pid());
        app("stop");
    }

    @Test
    void run_executes_the_application_in_the_foreground() throws Exception {
        Process run = runner.builder(words(List.of(), "run", "x")).redirectErrorStream(true)
                .redirectOutput(file("terminal").toFile()).start();
        try {
            Await.until(() -> Files.readString(file("terminal")).contains("app: ready: "));
            assertThat(file("worked")).hasContent(run.pid() + "\n");
            assertThat(file("app.pid")).hasContent(run.pid() + "\n");
            assertThat(app("status").out()).startsWith("app: running, pid " + run.pid() + ",");
            assertThat(file("app.log")).doesNotExist();
            Processes.signal((int) run.pid(), Signal.SIGHUP);
            Await.until(() -> Files.exists(file("actions")));
            run.destroy();
            assertThat(run.waitFor(ChildJvm.DEADLINE.toSeconds(), TimeUnit.SECONDS)).isTrue();
            assertThat(run.exitValue()).isZero();
            assertThat(file("actions"))
                    .hasContent("reloads\nstops last to first: last\nstops first to last: first\n");
            assertThat(app("status").status()).as("ended by itself, with a pid file").isEqualTo(1);
            assertThat(app("stop").out())
                    .isEqualTo("app: not running, pid file " + file("app.pid") + "\n");
            assertThat(file("app.pid")).doesNotExist();
        } finally {
            run.destroyForcibly();
        }
    }

    @Test
    void action_that_does_not_return_is_abandoned_at_the_timeout() throws Exception {
        runner.run(words(List.of("-Dstop.timeout=6000"), "start", "stops-slowly"));
        int pid = pid();
        // Five sixths of the time before the stop sends SIGKILL.
        CommandResult stop = runner.run(words(List.of("-Dstop.timeout=60000"), "stop"));
        assertThat(stop.out()).isEqualTo("app: stopped, pid " + pid + "\n");
        assertThat(Files.readString(file("app.log")))
                .contains("stop actions: not finished in time; exiting without them");
        assertThat(file("app.pid")).doesNotExist();
    }

    @Test
    void long_lived_launcher_keeps_no_children() throws Exception {
        CommandResult run = app("long-lived");
        List<String> lines = run.lines();
        assertThat(run.err()).isEmpty();
        assertThat(lines.get(0)).startsWith("Started[name=app, pid=");
        assertThat(lines.get(1)).startsWith("ended: Failed[name=app, reason=exited with status 1,");
        assertThat(lines.get(2)).as("neither children nor zombies").isEqualTo("children: []");
        assertThat(lines.get(3)).startsWith("Stopped[name=app, pid=")
                .endsWith(", killed=false, others=0, lockStillHeld=false, lockHolder=null, warnings=[]]");
        assertThat(lines.get(4)).isEqualTo("children: []");
        String notRunning = "NotRunning[name=app, pidFile=" + file("app.pid");
        assertThat(lines.get(5)).isEqualTo(
                "again: [" + notRunning + ", warnings=[]], NotRunning[], " + notRunning + "]]");
    }

    @Test
    void child_of_java_daemon_does_not_inherit_the_lock() throws Exception {
        app("start", "leaves-a-child");
        int pid = pid();
        Processes.kill(pid);
        assertThat(app("status").status()).as("a JVM closes its descriptors in its children").isEqualTo(1);
        Files.delete(file("app.pid"));
        runner.killProcesses();
    }

    @ParameterizedTest
    @ValueSource(strings = {"nope", "stop x", "status x", "plan x", "--version x"})
    void usage_error_prints_the_usage(String line) throws Exception {
        CommandResult run = app(line.split(" "));
        assertThat(run.status()).isEqualTo(2);
        assertThat(run.out()).isEmpty();
        assertThat(run.err()).contains("usage: start [ARG...]", "reload");
    }

    @Test
    void daemon_that_is_stopping_prevents_another_start() throws Exception {
        app("start", "ends-slowly");
        int pid = pid();
        Processes.signal(pid, Signal.SIGTERM);
        Await.until(() -> Files.exists(file("ending")));
        assertThat(app("status").status()).isZero();
        assertThat(app("start").out()).isEqualTo("app: runs already, pid " + pid + "\n");
        Files.writeString(file("go"), "");
        Processes.awaitEnd(pid);
        assertThat(app("status").status()).as("the stop removes its pid file").isEqualTo(1);
        assertThat(app("stop").status()).isZero();
        assertThat(file("app.pid")).doesNotExist();
    }

    @Test
    void restart_stops_nothing_if_the_jvm_cannot_be_started_again() throws Exception {
        app("start");
        int pid = pid();
        CommandResult restart = runner.run(words(List.of("-XX:ErrorFile=relative"), "restart"));
        assertThat(restart.status()).isEqualTo(1);
        assertThat(restart.err()).contains("\"relative\" is relative");
        assertThat(restart.out()).isEmpty();
        assertThat(Processes.hasEnded(pid)).isFalse();
        app("stop");
    }

    @Test
    void endless_timeout_is_a_long_one() throws Exception {
        CommandResult start =
                runner.run(words(List.of("-Dstart.timeout=" + Long.MAX_VALUE), "start", "extends-for-ever"));
        assertThat(start.status()).as("%s", start).isZero();
        app("stop");
    }

    @Test
    void plan_has_no_effect() throws Exception {
        CommandResult plan = app("plan");
        assertThat(plan.status()).isZero();
        assertThat(plan.out()).contains("FORK\n", "REOPEN\n", "open(\"" + file("app.log") + "\") = 1",
                "open(\"" + file("app.pid") + "\"");
        assertThat(directory).isEmptyDirectory();
    }
}
