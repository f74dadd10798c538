package io.github.daemonsteps.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daemonsteps.posix.Processes;
import io.github.daemonsteps.posix.Signal;
import io.github.daemonsteps.procfs.ProcessStat;
import io.github.daemonsteps.testing.Await;
import io.github.daemonsteps.testing.ChildJvm;
import io.github.daemonsteps.testing.CommandRunner;
import io.github.daemonsteps.testkit.CommandResult;
import io.github.daemonsteps.testkit.Daemons;
import io.github.daemonsteps.testkit.Launcher;
import io.github.daemonsteps.testkit.TestDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A start while the same daemon is being started, or another command runs under its name. */
@Daemons
class ConcurrentStartIT {

    /** No other program on the machine has this name. */
    private static final String NAME = "start-beside-it-" + ProcessHandle.current().pid();

    private Path directory;
    private CommandRunner runner;

    @BeforeEach
    void open(Launcher launcher, TestDirectory testDirectory) {
        directory = testDirectory.path();
        runner = new CommandRunner(launcher, directory);
    }

    private String server(String parent) throws IOException {
        Path file = Files.createDirectory(directory.resolve(parent)).resolve(NAME);
        Files.writeString(file, "#!/bin/sh\nexec sleep 300\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
        return file.toString();
    }

    private static int pid(CommandResult started) {
        assertThat(started.status()).as("%s", started).isZero();
        return Integer.parseInt(started.out().strip().replaceFirst(".* pid ([0-9]+).*", "$1"));
    }

    @Test
    void start_of_another_program_with_an_equal_base_name_fails_and_the_first_continues() throws Exception {
        String a = server("a");
        String b = server("b");
        String log = runner.file("log");
        int pid = pid(runner.command("start", "--log", log, "--", a));
        try {
            for (String subcommand : List.of("start", "restart")) {
                CommandResult other = runner.command(subcommand, "--log", log, "--", b);
                assertThat(other.status()).isEqualTo(1);
                assertThat(other.out()).isEmpty();
                assertThat(other.err().lines()).singleElement().asString()
                        .contains("process " + pid, "\"" + a + "\"", "pid file ", "--name");
                assertThat(runner.processes()).containsExactly(pid);
            }
            assertThat(runner.command("start", "--log", log, "--", a, "x").status()).as("other arguments")
                    .isEqualTo(1);
            assertThat(runner.command("start", "--log", log, "--", a))
                    .isEqualTo(new CommandResult(0, NAME + ": runs already, pid " + pid + "\n", ""));
            assertThat(runner.command("start", "--name", NAME, "--log", log, "--", b).status())
                    .as("a name that was chosen").isZero();
            assertThat(runner.processes()).containsExactly(pid);
        } finally {
            assertThat(runner.command("stop", "--name", NAME).status()).isZero();
        }
    }

    /** Their interpreters have the same base name. */
    @Test
    void start_of_another_script_with_an_equal_interpreter_fails_and_the_first_continues() throws Exception {
        String interpreter = Files.createSymbolicLink(directory.resolve(NAME), Path.of("/bin/sh")).toString();
        for (String script : List.of("a.sh", "b.sh")) {
            Files.writeString(directory.resolve(script), "exec sleep 300\n");
        }
        String log = runner.file("log");
        int pid = pid(runner.command("start", "--log", log, "--", interpreter, runner.file("a.sh")));
        try {
            CommandResult other =
                    runner.command("start", "--log", log, "--", interpreter, runner.file("b.sh"));
            assertThat(other.status()).isEqualTo(1);
            assertThat(other.err()).contains("pid file \"",
                    "\": process " + pid + " runs another command, \"",
                    "\" with other arguments; choose another name with --name");
            assertThat(runner.processes()).containsExactly(pid);
        } finally {
            assertThat(runner.command("stop", "--name", NAME).status()).isZero();
        }
    }

    /** The command that is being started is known after the end of its start. */
    @Test
    void start_beside_a_start_of_a_default_name_waits_and_then_compares_the_commands() throws Exception {
        assertThat(runner.run(List.of("mkfifo", "go")).status()).isZero();
        Path server = Files.createDirectory(directory.resolve("a")).resolve(NAME);
        Files.writeString(server,
                "#!/bin/sh\nread line <" + runner.file("go") + "; echo >&3; exec sleep 300\n");
        Files.setPosixFilePermissions(server, PosixFilePermissions.fromString("rwxr-xr-x"));
        List<String> first =
                List.of("start", "--log", runner.file("log"), "--ready", "fd:3", "--", server.toString());
        FutureTask<CommandResult> starting = inBackground(first);
        try {
            Await.until(() -> runner.command("status", "--name", NAME).out().contains(": starting, pid "));
            String pidFile = runner.command("status", "--name", NAME, "--json").out()
                    .replaceFirst("(?s).*\"pidFile\": \"([^\"]*)\".*", "$1");
            FutureTask<CommandResult> same = inBackground(first);
            awaitWaiting(announcer(Path.of(pidFile)));
            FutureTask<CommandResult> other =
                    inBackground(List.of("start", "--log", runner.file("log"), "--",
                            server("b")));
            go();
            int pid = pid(ended(starting));
            assertThat(ended(same))
                    .isEqualTo(new CommandResult(0, NAME + ": runs already, pid " + pid + "\n", ""));
            assertThat(ended(other).err()).contains(": process " + pid + " runs another command, ");
            assertThat(runner.processes()).containsExactly(pid);
        } finally {
            assertThat(runner.command("stop", "--name", NAME).status()).isZero();
        }
    }

    private List<String> start(String... more) {
        List<String> words =
                new ArrayList<>(List.of("start", "--name", "d", "--pid-file", "d.pid", "--log", "d.log"));
        words.addAll(List.of(more));
        return words;
    }

    private FutureTask<CommandResult> inBackground(List<String> words) {
        var task = new FutureTask<>(() -> runner.command(words.toArray(String[]::new)));
        new Thread(task).start();
        return task;
    }

    /**
     * A start whose program is ready, or fails, when it reads a line from a FIFO. Returns while the start
     * is in progress.
     */
    private FutureTask<CommandResult> underWay(String then) throws Exception {
        assertThat(runner.run(List.of("mkfifo", "go")).status()).isZero();
        FutureTask<CommandResult> first = inBackground(start("--ready", "fd:3", "--", "sh", "-c",
                "read line <" + runner.file("go") + "; " + then));
        Await.until(() -> status().startsWith("d: starting, pid "));
        return first;
    }

    /** The session leader, which stays until the daemon is ready. */
    private static int announcer(Path pidFile) throws IOException {
        return ProcessStat.of(Integer.parseInt(Files.readString(pidFile).strip())).orElseThrow().sid();
    }

    /** Waits until a second start waits for the session leader, as the first does. */
    private static void awaitWaiting(int announcer) throws IOException {
        Processes.awaitWatchers(2, announcer);
    }

    private String status() throws Exception {
        return runner.command("status", "--name", "d", "--pid-file", "d.pid").out();
    }

    private static CommandResult ended(FutureTask<CommandResult> task) throws Exception {
        return task.get(ChildJvm.DEADLINE.toSeconds(), TimeUnit.SECONDS);
    }

    private void go() throws IOException {
        Files.writeString(directory.resolve("go"), "\n");
    }

    @Test
    void second_start_reports_the_daemon_when_the_first_is_ready() throws Exception {
        FutureTask<CommandResult> first = underWay("echo >&3; exec sleep 300");
        FutureTask<CommandResult> second = inBackground(start("--", "sleep", "300"));
        awaitWaiting(announcer(directory.resolve("d.pid")));
        CommandResult late =
                runner.command(start("--timeout", "200ms", "--", "sleep", "300").toArray(String[]::new));
        assertThat(late.status()).isEqualTo(1);
        assertThat(late.err()).contains("is still being started by another launcher");
        CommandResult exclusive =
                runner.command(start("--exclusive", "--", "sleep", "300").toArray(String[]::new));
        assertThat(exclusive.status()).isEqualTo(1);
        assertThat(exclusive.err()).contains("d: is being started already, pid ");
        assertThat(second.isDone()).as("while the first is not ready").isFalse();
        go();
        int pid = pid(ended(first));
        assertThat(ended(second)).isEqualTo(new CommandResult(0, "d: runs already, pid " + pid + "\n", ""));
        assertThat(runner.command("stop", "--pid-file", "d.pid").status()).isZero();
    }

    @Test
    void second_start_reports_the_failure_of_the_first() throws Exception {
        FutureTask<CommandResult> first = underWay("exit 3");
        FutureTask<CommandResult> second = inBackground(start("--", "sleep", "300"));
        awaitWaiting(announcer(directory.resolve("d.pid")));
        go();
        assertThat(ended(first).err()).contains("exited with status 3");
        CommandResult failed = ended(second);
        assertThat(failed.status()).as("%s", failed).isEqualTo(1);
        assertThat(failed.err()).contains("was being started by another launcher, and that start has failed");
    }

    @Test
    void start_ended_by_a_stop_reports_it() throws Exception {
        FutureTask<CommandResult> first = underWay("exit 3");
        CommandResult stop = runner.command("stop", "--name", "d", "--pid-file", "d.pid");
        assertThat(stop.status()).as("%s", stop).isZero();
        CommandResult failed = ended(first);
        assertThat(failed.status()).isEqualTo(1);
        assertThat(failed.err()).startsWith("daemon-steps: d: not started: stopped by another command\n");
        assertThat(directory.resolve("d.pid")).doesNotExist();
        assertThat(directory.resolve("d.pid.record")).doesNotExist();
    }

    /** The daemon could not be found any more. */
    @Test
    void start_whose_pid_file_is_removed_or_replaced_before_it_is_ready_fails() throws Exception {
        for (String replacement : List.of("", "1\n")) {
            FutureTask<CommandResult> start = underWay("echo >&3; exec sleep 300");
            Files.delete(directory.resolve("d.pid"));
            if (!replacement.isEmpty()) {
                Files.writeString(directory.resolve("d.pid"), replacement);
            }
            go();
            CommandResult failed = ended(start);
            assertThat(failed.status()).isEqualTo(1);
            assertThat(failed.err()).startsWith("daemon-steps: d: not started: ").hasLineCount(1)
                    .contains("d.pid\"", replacement.isEmpty() ? "(ENOENT, 2)" : "was replaced meanwhile");
            assertThat(runner.processes()).isEmpty();
            Files.delete(directory.resolve("go"));
            Files.deleteIfExists(directory.resolve("d.pid.record"));
        }
        assertThat(directory.resolve("d.pid")).hasContent("1\n");
        Files.delete(directory.resolve("d.pid"));
    }

    @Test
    void start_whose_program_removes_its_pid_file_reports_the_exit_status() throws Exception {
        CommandResult run =
                runner.command(start("--ready", "fd:3", "--", "sh", "-c", "rm " + runner.file("d.pid")
                        + " " + runner.file("d.pid.record") + "; exit 3").toArray(String[]::new));
        assertThat(run.status()).isEqualTo(1);
        assertThat(run.err()).contains("exited with status 3");
    }

    @Test
    void start_of_program_killed_by_a_signal_names_the_signal() throws Exception {
        FutureTask<CommandResult> first = underWay("exit 3");
        int pid = Integer.parseInt(Files.readString(directory.resolve("d.pid")).strip());
        Processes.signal(pid, Signal.SIGTERM);
        assertThat(ended(first).err()).contains("killed by signal 15 (SIGTERM)");
    }
}
