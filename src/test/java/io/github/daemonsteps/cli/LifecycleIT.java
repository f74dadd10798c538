package io.github.daemonsteps.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daemonsteps.ffm.NativePosix;
import io.github.daemonsteps.posix.Processes;
import io.github.daemonsteps.posix.SignalSet;
import io.github.daemonsteps.process.ProcessState;
import io.github.daemonsteps.testing.Await;
import io.github.daemonsteps.testing.ChildJvm;
import io.github.daemonsteps.testing.Command;
import io.github.daemonsteps.testing.CommandRunner;
import io.github.daemonsteps.testing.HttpAnswer;
import io.github.daemonsteps.testing.Json;
import io.github.daemonsteps.testing.Programs;
import io.github.daemonsteps.testing.Tool;
import io.github.daemonsteps.testkit.CommandResult;
import io.github.daemonsteps.testkit.Daemons;
import io.github.daemonsteps.testkit.Launcher;
import io.github.daemonsteps.testkit.Pty;
import io.github.daemonsteps.testkit.TestDirectory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Any program as a daemon, by the command as a user types it. */
@Daemons
class LifecycleIT {

    private Path directory;
    private CommandRunner runner;

    @BeforeEach
    void open(Launcher launcher, TestDirectory testDirectory) {
        directory = testDirectory.path();
        runner = new CommandRunner(launcher, directory);
    }

    /** A start with the pid file and the log in the directory, both relative. */
    private CommandResult start(String... more) throws Exception {
        List<String> words = new ArrayList<>(
                List.of(CommandRunner.COMMAND, "start", "--name", "d", "--pid-file", "d.pid", "--log",
                        "d.log"));
        words.addAll(List.of(more));
        return runner.run(words);
    }

    private CommandResult subcommand(String subcommand, String... more) throws Exception {
        List<String> words =
                new ArrayList<>(List.of(CommandRunner.COMMAND, subcommand, "--pid-file", "d.pid"));
        words.addAll(List.of(more));
        return runner.run(words);
    }

    private int pid() throws IOException {
        return Integer.parseInt(Files.readString(directory.resolve("d.pid")).trim());
    }

    private void awaitLog(String pattern) throws IOException {
        Await.until(() -> Pattern.compile(pattern).matcher(log()).find(), this::log);
    }

    private String log() throws IOException {
        Path log = directory.resolve("d.log");
        return Files.exists(log) ? Files.readString(log, StandardCharsets.ISO_8859_1) : "";
    }

    private static void assertIsDaemon(int pid) {
        ProcessState state = ProcessState.of(pid);
        assertThat(state.cwd()).isEqualTo("/");
        assertThat(state.umask()).hasToString("0027");
        assertThat(state.tty()).isNull();
        assertThat(state.isSessionLeader()).isFalse();
        assertThat(state.isGroupLeader()).isFalse();
        assertThat(state.pgid()).isEqualTo(state.sid());
        assertThat(state.blocked()).isEqualTo(SignalSet.NONE);
        assertThat(state.ignored()).isEqualTo(SignalSet.NONE);
    }

    @Test
    void web_server_of_the_jdk_runs_as_a_daemon() throws Exception {
        String server = Path.of(System.getProperty("java.home"), "bin", "jwebserver").toString();
        CommandResult start = start("--", server, "-p", "0", "-d", "/usr/share");
        assertThat(start).isEqualTo(new CommandResult(0, "d: started, pid " + pid() + "\n", ""));
        assertIsDaemon(pid());
        awaitLog("URL http://\\S+");
        assertThat(HttpAnswer.get(url("URL (http://\\S+)")).contentType()).startsWith("text/html");
        CommandResult status = subcommand("status", "--json");
        assertThat(status.status()).isZero();
        Map<String, Object> json = Json.object(status.out());
        assertThat(json).containsEntry("name", "d").containsEntry("status", "running")
                .containsEntry("pidFile", runner.file("d.pid")).containsEntry("log", runner.file("d.log"));
        assertThat(json).containsEntry("pid", (long) pid());
        int pid = pid();
        assertThat(subcommand("stop")).isEqualTo(new CommandResult(0, "d: stopped, pid " + pid + "\n", ""));
        assertThat(Processes.hasEnded(pid)).isTrue();
    }

    private String url(String pattern) throws IOException {
        Matcher matcher = Pattern.compile(pattern).matcher(log());
        assertThat(matcher.find()).isTrue();
        return matcher.group(1);
    }

    @Test
    void python_server_has_the_promised_descriptors_and_its_own() throws Exception {
        CommandResult start =
                start("--env", "PYTHONUNBUFFERED=1", "--", Tool.need("python3"), "-m", "http.server",
                        "--bind",
                        "127.0.0.1",
                        "0");
        assertThat(start.status()).as("%s", start).isZero();
        awaitLog("port \\d+");
        // Python itself ignores SIGPIPE and SIGXFSZ.
        ProcessState state = ProcessState.of(pid());
        assertThat(state.cwd()).isEqualTo("/");
        assertThat(Objects.requireNonNull(state.fds()).values())
                .filteredOn(file -> !file.startsWith("socket:"))
                .containsExactlyInAnyOrder("/dev/null", runner.file("d.log"), runner.file("d.log"),
                        runner.file("d.pid"));
        assertThat(state.fds()).containsEntry(0, "/dev/null").containsEntry(1, runner.file("d.log"));
        assertThat(HttpAnswer.get("http://127.0.0.1:" + url("port (\\d+)") + "/").contentType())
                .startsWith("text/html");
        subcommand("stop");
    }

    @Test
    void program_that_ignores_sigterm_is_killed_at_the_timeout() throws Exception {
        start("--", "sh", "-c", "trap '' TERM; echo ready; exec sleep 300");
        awaitLog("ready");
        int pid = pid();
        CommandResult stop = subcommand("stop", "--timeout", "300ms");
        assertThat(stop.status()).isZero();
        assertThat(stop.out())
                .isEqualTo("d: stopped, pid " + pid + ", by SIGKILL after the timeout\n");
        assertThat(runner.processes()).isEmpty();
        assertThat(directory.resolve("d.pid")).doesNotExist();
    }

    @Test
    void argument_vector_is_passed_byte_for_byte() throws Exception {
        runner.with("LC_ALL", "C");
        Files.createSymbolicLink(directory.resolve("own name"), Path.of("/bin/sh"));
        CommandResult start = runner.shell(
                "d=\"$1\"; shift; exec \"$d\" start --name d --pid-file d.pid --log"
                        + " \"$(printf 'l\\303\\251\\377.log')\" --env \"$(printf 'ODD=\\377')\" -- './own name' -c"
                        + " 'kill -STOP $$' \"$(printf '\\303\\251')\" \"$(printf '\\377')\" '' 'a\nb' -- --name",
                List.of(CommandRunner.COMMAND));
        assertThat(start.status()).as("%s", start).isZero();
        Path process = Path.of("/proc", Integer.toString(pid()));
        assertThat(Files.readString(process.resolve("cmdline"), StandardCharsets.ISO_8859_1))
                .isEqualTo("./own name\0-c\0kill -STOP $$\0\u00c3\u00a9\0\u00ff\0\0a\nb\0--\0--name\0");
        assertThat(Files.readString(process.resolve("environ"), StandardCharsets.ISO_8859_1))
                .contains("\0ODD=\u00ff\0");
        assertThat(Command.run("sh", "-c", "ls '" + directory + "' | od -An -c").output())
                .contains("303 251 377");
        runner.killDaemon("d.pid");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"exit 3 | exited with status 3",
        "kill -SEGV $$ | killed by signal 11 (SIGSEGV)", "kill -9 $$ | killed by signal 9 (SIGKILL)"})
    void program_that_exits_at_once_is_not_started(String script, String why) throws Exception {
        CommandResult start = start("--", "sh", "-c", "echo last words; " + script);
        assertThat(start)
                .isEqualTo(new CommandResult(1, "", "daemon-steps: d: not started: " + why + "\nthe end of "
                        + runner.file("d.log") + ":\n  last words\n"));
        assertThat(directory.resolve("d.pid")).doesNotExist();
    }

    @Test
    void newline_on_the_descriptor_is_the_readiness() throws Exception {
        for (String fd : List.of("3", "4", "9")) { // the JVM has files of its own as 3 and 4
            CommandResult start = start("--ready", "fd:" + fd, "--", "sh", "-c",
                    "printf 'I am ' >&" + fd + "; echo here >&" + fd + "; exec " + fd + ">&-; kill -STOP $$");
            assertThat(start)
                    .isEqualTo(new CommandResult(0, "d: started, pid " + pid() + ": I am here\n", ""));
            assertThat(Objects.requireNonNull(ProcessState.of(pid()).fds()).values()).noneMatch(file -> file
                    .startsWith("pipe:"));
            runner.killDaemon("d.pid");
        }
    }

    @Test
    void end_of_file_without_a_newline_is_a_failure() throws Exception {
        CommandResult start =
                start("--ready", "fd:3", "--", "sh", "-c", "printf x >&3; exec 3>&-; exec sleep 300");
        assertThat(start.status()).isEqualTo(1);
        assertThat(start.err()).startsWith(
                "daemon-steps: d: not started: closed descriptor 3 without a newline (not ready)\n");
        assertThat(runner.processes()).isEmpty();
    }

    @Test
    void failed_start_names_a_child_in_a_session_of_its_own_that_has_the_lock() throws Exception {
        assertThat(runner.run(List.of("mkfifo", "ready")).status()).isZero();
        CommandResult start = start("--ready", "fd:3", "--", "sh", "-c",
                "setsid sh -c 'exec 3>&-; echo $$ > $0; exec sleep 300' " + runner.file("ready")
                        + " & read child < " + runner.file("ready") + "; echo $child > "
                        + runner.file("child") + "; exit 3");
        int child = Integer.parseInt(Files.readString(directory.resolve("child")).strip());
        assertThat(start).isEqualTo(new CommandResult(1, "",
                "daemon-steps: d: not started: exited with status 3; the daemon has ended, but process "
                        + child
                        + " holds the lock of " + runner.file("d.pid")
                        + ", inherited from the daemon: end that process\n"));
        assertThat(start("--", "sleep", "300").err()).contains("process " + child + " holds the lock");
        Processes.kill(child);
        assertThat(start("--", "sleep", "300").status()).isZero();
        subcommand("stop");
    }

    /** In a pid namespace, the kernel does not list the lock of a process that has ended. */
    @Test
    void failed_start_in_a_pid_namespace_names_a_child_that_has_the_lock_and_leaves_the_pid_file()
            throws Exception {
        Assumptions.assumeTrue(NativePosix.get().getuid() == 0, "only root can make a pid namespace");
        assertThat(runner.run(List.of("mkfifo", "ready")).status()).isZero();
        String pidFile = runner.file("d.pid");
        CommandResult run =
                runner.run(List.of(Tool.need("unshare"), "--pid", "--fork", "--mount-proc", "sh", "-c",
                        """
                        "$0" start --name d --pid-file d.pid --log d.log --ready fd:3 -- sh -c '
                            setsid sh -c "exec 3>&-; echo \\$\\$ >ready; exec sleep 300" &
                            read child <ready; echo $child >child; exit 3'
                        "$0" start --name d --pid-file d.pid --log d.log -- sleep 300
                        "$0" status --name d --pid-file d.pid
                        """.replace("ready;", runner.file("ready") + ";")
                                .replace(">child", ">" + runner.file("child")),
                        CommandRunner.COMMAND));
        String child = Files.readString(directory.resolve("child")).strip();
        String held = "the daemon has ended, but process " + child + " holds the lock of " + pidFile
                + ", inherited from the daemon: end that process\n";
        assertThat(run.err()).startsWith("daemon-steps: d: not started: exited with status 3; " + held)
                .endsWith("process " + child + " holds the lock of " + pidFile
                        + ", inherited from the daemon: end that process\n");
        assertThat(run.out()).isEqualTo("d: " + held);
        Files.delete(Path.of(pidFile));
    }

    /** Returns a line of sh(1) that runs a subcommand after it has read a line from a FIFO. */
    private String onRequest(String subcommand) throws Exception {
        assertThat(runner.run(List.of("mkfifo", "go")).status()).isZero();
        return "read line < " + runner.file("go") + "; " + CommandRunner.COMMAND + " " + subcommand
                + " --name d --pid-file "
                + runner.file("d.pid");
    }

    @Test
    void restart_by_a_child_that_has_inherited_the_lock_is_refused_and_the_daemon_runs_on() throws Exception {
        start("--", "sh", "-c", "(" + onRequest("restart") + " --log " + runner.file("d.log")
                + " -- sleep 301 > " + runner.file("out") + " 2>&1; echo $? > " + runner.file("status")
                + ") & exec sleep 300");
        int pid = pid();
        Files.writeString(directory.resolve("go"), "\n");
        Path status = directory.resolve("status");
        Await.until(() -> Files.exists(status) && !Files.readString(status).isEmpty());
        assertThat(status).hasContent("1\n");
        assertThat(Files.readString(directory.resolve("out"))).hasLineCount(1)
                .contains("d: not started: pid file \"",
                        "\": this process inherited the lock from the daemon; restart from"
                                + " another process");
        assertThat(Processes.hasEnded(pid)).isFalse();
        assertThat(subcommand("stop").status()).isZero();
    }

    @Test
    void stop_by_a_child_ends_the_rest_of_the_group() throws Exception {
        start("--", "sh", "-c",
                "sleep 301 & (" + onRequest("stop") + " > " + runner.file("out") + " 2>&1; true) "
                        + "& exec sleep 300");
        int pid = pid();
        Files.writeString(directory.resolve("go"), "\n");
        Await.until(() -> runner.processes().isEmpty());
        assertThat(Files.readString(directory.resolve("out"))).hasLineCount(1)
                .startsWith("d: stopped, pid " + pid + ", and 2 other processes of its group; process ");
        Files.delete(directory.resolve("d.pid")); // the process that stopped the daemon had the lock
    }

    @Test
    void timeout_that_is_shorter_than_the_steps_is_a_failure() throws Exception {
        CommandResult start = start("--timeout", "1ms", "--", "sleep", "300");
        // A single call may take longer than that too, and is named then.
        assertThat(start.err()).matches("daemon-steps: d: not started: (not ready within 1 ms; killed"
                + "|.+: the forked process [0-9]+ was killed: no answer within 1 ms.*)\n");
        assertThat(start.status()).isEqualTo(1);
        assertThat(runner.processes()).isEmpty();
        assertThat(start("--ready", "fd:7", "--keep-fd", "7", "--", "true").status()).isEqualTo(2);
    }

    @Test
    void start_that_takes_too_long_is_killed() throws Exception {
        CommandResult start = start("--ready", "fd:3", "--timeout", "500ms", "--", "sleep", "300");
        assertThat(start.status()).isEqualTo(1);
        assertThat(start.err())
                .isEqualTo("daemon-steps: d: not started: not ready within 500 ms; killed\n");
        assertThat(runner.processes()).isEmpty();
    }

    @Test
    void start_reports_running_daemon_and_fails_if_exclusive() throws Exception {
        start("--", "sleep", "300");
        assertThat(start("--", "sleep", "300"))
                .isEqualTo(new CommandResult(0, "d: runs already, pid " + pid() + "\n", ""));
        assertThat(start("--exclusive", "--", "sleep", "300"))
                .isEqualTo(new CommandResult(1, "", "daemon-steps: d: runs already, pid " + pid() + "\n"));
        assertThat(start("--quiet", "--", "sleep", "300")).isEqualTo(new CommandResult(0, "", ""));
        subcommand("stop", "--quiet");
    }

    @Test
    void missing_or_not_executable_program_is_named() throws Exception {
        assertThat(start("--", "no-such-program").status()).isEqualTo(5);
        assertThat(start("--", "./nope").err()).isEqualTo("daemon-steps: no program \"./nope\"\n");
        Files.writeString(directory.resolve("text"), "#!/bin/sh\n");
        CommandResult text = start("--", "./text");
        assertThat(text.status()).isEqualTo(4);
        assertThat(text.err()).contains("\"./text\" may not be executed", "EACCES");
        assertThat(start("--", "/tmp").status()).isEqualTo(4);
        Files.writeString(directory.resolve("odd"), "no program");
        Files.setPosixFilePermissions(directory.resolve("odd"), PosixFilePermissions.fromString("rwxr-xr-x"));
        CommandResult odd = start("--", "./odd");
        assertThat(odd.status()).isEqualTo(1);
        assertThat(odd.err()).contains("EXEC: execve(", "Exec format error (ENOEXEC, 8)");
        Files.writeString(directory.resolve("odd"), "#!/no/such/interpreter\n");
        for (CommandResult noInterpreter : List.of(start("--", "./odd"),
                runner.command("nohup", "--", "./odd"),
                runner.command("run", "--", "./odd"))) {
            assertThat(noInterpreter.status()).as("it is there").isEqualTo(1);
            assertThat(noInterpreter.err()).contains("\"/no/such/interpreter\"");
        }
        assertThat(runner.with("PATH", directory + "/nope:" + directory + ":/usr/bin:/bin")
                .run(List.of("/bin/sh", CommandRunner.COMMAND,
                        "start", "--name", "d", "--pid-file", "d.pid", "--log", "d.log", "--", "text"))
                .status())
                .isEqualTo(4);
        assertThat(directory.resolve("d.pid")).doesNotExist();
    }

    @Test
    void step_that_fails_is_named() throws Exception {
        assertThat(start("--chdir", "/nope", "--", "true").err())
                .isEqualTo("daemon-steps: d: not started: CHDIR:"
                        + " chdir(\"/nope\"): No such file or directory (ENOENT, 2)\n");
        assertThat(directory.resolve("d.pid")).doesNotExist();
    }

    @Test
    void options_set_directory_mask_descriptors_and_logs() throws Exception {
        CommandResult start = runner.shell("exec \"$@\" 7</etc/passwd 5</etc/group",
                List.of(CommandRunner.COMMAND, "start",
                        "--name=d", "--pid-file=d.pid", "--log=d.log", "--error-log", "d.err", "--chdir", ".",
                        "--umask", "077",
                        "--keep-fd", "7", "--env", "A=1", "--env=B=2", "--env", "A=3", "--", "sh", "-c",
                        "echo $A $B; echo err >&2; kill -STOP $$"));
        assertThat(start.status()).as("%s", start).isZero();
        ProcessState state = ProcessState.of(pid());
        assertThat(state.cwd()).isEqualTo(directory.toString());
        assertThat(state.umask()).hasToString("0077");
        assertThat(state.fds()).containsEntry(7, "/etc/passwd").doesNotContainValue("/etc/group").hasSize(5);
        assertThat(log()).isEqualTo("3 2\n");
        assertThat(directory.resolve("d.err")).hasContent("err\n");
        assertThat(Files.readString(directory.resolve("d.pid"))).isEqualTo(pid() + "\n");
        runner.killDaemon("d.pid");
    }

    @ParameterizedTest
    @CsvSource({"3, 'descriptor 3 belongs to this JVM and was not inherited'",
        "77, 'Bad file descriptor (EBADF, 9)'"})
    void descriptor_that_is_not_open_cannot_be_kept(String fd, String why) throws Exception {
        CommandResult start = start("--keep-fd", fd, "--", "sleep", "300");
        assertThat(start.status()).isEqualTo(1);
        assertThat(start.err())
                .isEqualTo("daemon-steps: d: not started: CLOSE: fcntl(" + fd + ", F_SETFD, 0): " + why
                        + "\n");
    }

    @Test
    void dev_null_and_standard_streams_are_accepted_as_log() throws Exception {
        CommandResult start =
                runner.command("start", "--name", "d", "--pid-file", "d.pid", "--log", "/dev/null", "--",
                        "sleep",
                        "300");
        assertThat(start.status()).isZero();
        assertThat(ProcessState.of(pid()).fds()).containsEntry(1, "/dev/null").containsEntry(2, "/dev/null");
        subcommand("stop");
    }

    @Test
    void reload_sends_sighup_to_a_program_that_catches_it() throws Exception {
        start("--", "sh", "-c", "trap 'echo reloaded' HUP; echo ready; while :; do sleep 0.1; done");
        awaitLog("ready");
        assertThat(subcommand("reload"))
                .isEqualTo(new CommandResult(0, "d: asked to reload, pid " + pid() + "\n", ""));
        awaitLog("reloaded");
        subcommand("stop");
        start("--", "sleep", "300");
        CommandResult refused = subcommand("reload");
        assertThat(refused.status()).isEqualTo(1);
        assertThat(refused.err()).contains("does not catch SIGHUP, and would die of it");
        subcommand("stop");
        start("--", "nohup", "sleep", "300");
        Processes.awaitCommand(pid(), "sleep");
        assertThat(subcommand("reload").err()).contains("ignores SIGHUP");
        subcommand("stop");
        assertThat(subcommand("reload")).isEqualTo(new CommandResult(7, "",
                "daemon-steps: d: not running, pid file " + runner.file("d.pid") + "\n"));
    }

    @Test
    void restart_replaces_the_daemon_unless_the_program_is_missing() throws Exception {
        start("--", "sleep", "300");
        int old = pid();
        assertThat(subcommand("restart", "--log", "d.log", "--", "no-such-program").status()).isEqualTo(5);
        assertThat(Processes.hasEnded(old)).isFalse();
        CommandResult restart =
                subcommand("restart", "--name", "d", "--log", "d.log", "--timeout", "1m", "--", "sleep",
                        "301");
        assertThat(restart.out()).isEqualTo("d: stopped, pid " + old + "\nd: started, pid " + pid() + "\n");
        subcommand("stop");
    }

    @Test
    void run_becomes_the_program_without_a_fork() throws Exception {
        Process run = runner.builder(List.of(CommandRunner.COMMAND, "run", "--umask", "022", "--env", "A=b",
                "--",
                "sh",
                "-c",
                "trap 'exit 7' TERM; echo $$ $A $(grep SigBlk /proc/self/status); while :; do sleep 0.1; done"))
                .redirectOutput(directory.resolve("out").toFile()).start();
        try {
            Await.until(() -> Files.readString(directory.resolve("out"))
                    .equals(run.pid() + " b SigBlk: 0000000000000000\n"));
            ProcessState state = ProcessState.of((int) run.pid());
            assertThat(state.cwd()).isEqualTo("/");
            assertThat(state.umask()).hasToString("0022");
            assertThat(Objects.requireNonNull(state.fds()).keySet().stream().filter(fd -> fd < 10))
                    .containsExactly(0, 1, 2);
            run.destroy();
            assertThat(run.waitFor(ChildJvm.DEADLINE.toSeconds(), TimeUnit.SECONDS)).isTrue();
            assertThat(run.exitValue()).isEqualTo(7);
        } finally {
            run.destroyForcibly();
        }
        assertThat(runner.command("run", "--", "no-such-program").status()).isEqualTo(5);
        assertThat(runner.command("run", "--chdir", "/nope", "--", "true").status()).isEqualTo(1);
        assertThat(runner.command("run", "--keep-fd", "77", "--", "true").err())
                .isEqualTo("daemon-steps: fcntl(77, F_GETFD, 0): Bad file descriptor (EBADF, 9)\n");
        assertThat(runner.command("run", "--chdir", "/nope", "--", "true").err())
                .isEqualTo("daemon-steps: chdir(\"/nope\"): No such file or directory (ENOENT, 2)\n");
    }

    @Test
    void nohup_ignores_the_hangup_only() throws Exception {
        CommandResult nohup = runner.command("nohup", "--", "sh", "-c", "kill -STOP $$");
        assertThat(nohup.status()).isZero();
        Matcher pid = Pattern.compile("started, pid (\\d+)\n").matcher(nohup.out());
        assertThat(pid.matches()).isTrue();
        int process = Integer.parseInt(pid.group(1));
        ProcessState state = ProcessState.of(process);
        assertThat(Objects.requireNonNull(state.ignored()).signals()).hasToString("[SIGHUP]");
        assertThat(state.cwd()).isEqualTo(directory.toString());
        assertThat(state.fds()).hasSize(3);
        Processes.kill(process);
    }

    @Test
    void nohup_on_a_terminal_writes_to_a_file_as_nohup_does() throws Exception {
        try (var terminal = Pty.open()) {
            CommandResult nohup = runner.shell(
                    "umask 0777; exec setsid --ctty --wait \"$@\" <TTY >TTY 2>&1".replace("TTY",
                            terminal.path().toString()),
                    List.of(CommandRunner.COMMAND, "nohup", "--", "sh", "-c",
                            "echo out; echo err >&2; kill -STOP $$"));
            assertThat(nohup.status()).isZero();
            int pid = runner.processes().getFirst();
            Programs.awaitStopped(pid);
            Path file = directory.resolve("nohup.out");
            assertThat(ProcessState.of(pid).fds()).containsEntry(0, "/dev/null")
                    .containsEntry(1, file.toString())
                    .containsEntry(2, file.toString()).hasSize(3);
            assertThat(file).hasContent("out\nerr\n");
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                    .isEqualTo("rw-------");
            assertThat(ProcessState.of(pid).umask()).hasToString("0777");
            Processes.kill(pid);
        }
    }

    @Test
    void daemon_before_its_readiness_is_starting() throws Exception {
        Path go = directory.resolve("go");
        assertThat(Command.run("mkfifo", go.toString()).status()).isZero();
        Process start = runner.builder(List.of(CommandRunner.COMMAND, "start", "--name", "d", "--pid-file",
                "d.pid", "--log",
                "d.log", "--ready", "fd:3", "--", "sh", "-c", "trap 'echo hup' HUP; echo began; read x <" + go
                        + "; echo >&3; exec 3>&-; exec sleep 300"))
                .start();
        try {
            awaitLog("began");
            assertThat(subcommand("status"))
                    .isEqualTo(new CommandResult(3, "d: starting, pid " + pid() + "\n", ""));
            assertThat(subcommand("reload").err())
                    .isEqualTo("daemon-steps: d: not reloaded: process " + pid() + " is being started\n");
            Files.writeString(go, "\n");
            assertThat(start.waitFor(ChildJvm.DEADLINE.toSeconds(), TimeUnit.SECONDS)).isTrue();
            assertThat(start.exitValue()).isZero();
            assertThat(subcommand("status").status()).isZero();
        } finally {
            start.destroyForcibly();
        }
        subcommand("stop");
    }

    @Test
    void program_is_searched_on_the_path_of_the_launcher() throws Exception {
        CommandResult start = start("--env", "PATH=/nowhere", "--", "sleep", "300");
        assertThat(start.status()).as("%s", start).isZero();
        subcommand("stop");
    }

    @Test
    void name_that_is_not_text_is_refused() throws Exception {
        CommandResult start = runner.shell("exec \"$1\" start --name \"$(printf 'a\\377')\" -- sleep 300",
                List.of(CommandRunner.COMMAND));
        assertThat(start.status()).isEqualTo(2);
        assertThat(start.err())
                .isEqualTo(
                        "daemon-steps: daemon name \"a\\xff\": not UTF-8; give another name with --name (see "
                                + CommandRunner.COMMAND + " --help)\n");
    }

    @Test
    void start_without_home_gives_advice() throws Exception {
        Assumptions.assumeTrue(ProcessState.ofThisProcess().uid() == 0,
                "root can become a user without a home");
        CommandResult start = runner
                .by(Tool.need("setpriv"), "--reuid=64999", "--regid=64999", "--clear-groups", "env", "-u",
                        "HOME", "-u",
                        "XDG_RUNTIME_DIR")
                .command("start", "--", "sleep", "300");
        Assumptions.assumeTrue(start.status() != 126 && start.status() != 127,
                "the checkout is out of its reach");
        assertThat(start.status()).isEqualTo(1);
        assertThat(start.err())
                .contains("a home directory is missing for the pid file and the log of sleep: set HOME");
        assertThat(start.err().lines()).hasSize(1);
    }

    @Test
    void usage_error_is_shown_escaped_in_one_line() throws Exception {
        CommandResult run = runner.command("st\nart\u001b[31m");
        assertThat(run.status()).isEqualTo(2);
        assertThat(run.err().lines()).hasSize(1).first().asString().contains("st art\\x1b[31m");
    }

    @Test
    void plan_of_a_command_shows_the_steps_of_its_start() throws Exception {
        CommandResult plan =
                runner.command("plan", "--pid-file", "d.pid", "--log", "d.log", "--", "sleep", "300");
        assertThat(plan.status()).isZero();
        assertThat(plan.out()).contains("umask(0027)", "open(\"" + runner.file("d.log") + "\") = 1",
                "open(\"" + runner.file("d.pid") + "\"");
        assertThat(directory).isEmptyDirectory();
    }
}
