package io.github.daemonsteps.cli;

import static io.github.daemonsteps.testkit.DaemonAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.daemonsteps.ffm.NativePosix;
import io.github.daemonsteps.posix.Processes;
import io.github.daemonsteps.process.ProcessState;
import io.github.daemonsteps.testing.Await;
import io.github.daemonsteps.testing.ChildJvm;
import io.github.daemonsteps.testing.CommandRunner;
import io.github.daemonsteps.testing.Programs;
import io.github.daemonsteps.testing.Tool;
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
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The command without something that commands usually have: descriptors, a terminal, a directory, /proc.
 */
@Daemons
class UnusualEnvironmentIT {

    private static final List<String> PROGRAM = List.of("--", "/bin/sh", "-c", "kill -STOP $$");
    private static final String LOST = "daemon-steps: cannot write to standard output\n";

    private Path directory;
    private CommandRunner runner;

    @BeforeEach
    void open(Launcher launcher, TestDirectory testDirectory) throws IOException {
        directory = testDirectory.path();
        runner = new CommandRunner(launcher, directory);
    }

    private List<String> start() {
        List<String> words =
                new ArrayList<>(List.of(CommandRunner.COMMAND, "start", "--name", "d", "--pid-file",
                        runner.file("d.pid"), "--log", runner.file("d.log")));
        words.addAll(PROGRAM);
        return words;
    }

    private List<String> subcommand(String subcommand) {
        return List.of(CommandRunner.COMMAND, subcommand, "--pid-file", runner.file("d.pid"));
    }

    /** A process that is not an ancestor of the daemon has not launched it. */
    private int wholeDaemon() throws IOException {
        int pid = Integer.parseInt(Files.readString(directory.resolve("d.pid")).trim());
        Programs.awaitStopped(pid);
        assertThat(ProcessState.of(pid))
                .isProperDaemon(directory.resolve("d.pid"), directory.resolve("d.log"))
                .hasWorkingDirectory(Path.of("/")).hasUmask(027);
        return pid;
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "<&-", ">&-", "2>&-", "<&- >&-", "<&- 2>&-", ">&- 2>&-", "<&- >&- 2>&-"})
    void closed_standard_descriptors_do_not_prevent_a_start(String closed) throws Exception {
        String line = "exec \"$@\" " + closed;
        CommandResult start = runner.shell(line, start());
        int pid = wholeDaemon();
        CommandResult status = runner.shell(line, subcommand("status"));
        Programs.end(pid);
        CommandResult stop = runner.shell(line, subcommand("stop"));
        assertThat(List.of(start.status(), status.status(), stop.status()))
                .as("the exit status has the result without the output")
                .isEqualTo(List.of(0, 0, 0));
        if (!closed.replace("2>&-", "").contains(">&-")) {
            assertThat(start.out()).isEqualTo("d: started, pid " + pid + "\n");
            assertThat(status.out()).startsWith("d: running, pid " + pid);
        }
        if (closed.equals(">&-")) {
            assertThat(start.err()).isEqualTo(LOST);
        }
        assertThat(directory.resolve("d.pid")).doesNotExist();
    }

    @Test
    void full_disk_for_the_output_does_not_fail_a_start() throws Exception {
        CommandResult start = runner.shell("exec \"$@\" >/dev/full", start());
        assertThat(start).isEqualTo(new CommandResult(0, "", LOST));
        wholeDaemon();
        runner.killDaemon("d.pid");
    }

    @Test
    void dead_terminal_does_not_prevent_a_start() throws Exception {
        Process process;
        // Opened while the terminal exists, and used after it is gone.
        List<String> words = new ArrayList<>(
                List.of("/bin/sh", "-c", "exec 7<>\"$0\"; read go; exec \"$@\" <&7 >&7 2>&7 7>&-"));
        try (var terminal = Pty.open()) {
            words.add(terminal.path().toString());
            words.addAll(start());
            process = runner.builder(words).redirectErrorStream(true).start();
            awaitOpen(process.pid(), terminal.path());
        }
        try {
            process.outputWriter().append("go\n").flush();
            assertThat(process.waitFor(ChildJvm.DEADLINE.toSeconds(), TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).isZero();
        } finally {
            process.destroyForcibly();
        }
        wholeDaemon();
        runner.killDaemon("d.pid");
    }

    /** The end is not announced: the process is not a Java program. */
    private static void awaitOpen(long pid, Path file) throws IOException {
        Path fd = Path.of("/proc", Long.toString(pid), "fd", "7");
        Await.until(() -> Files.exists(fd, java.nio.file.LinkOption.NOFOLLOW_LINKS)
                && Files.readSymbolicLink(fd).equals(file));
    }

    @Test
    void removed_directory_is_reported_in_one_line() throws Exception {
        CommandResult start = runner.shell("mkdir gone && cd gone && rmdir ../gone && exec \"$@\"", start());
        assertThat(start.status()).isEqualTo(1);
        assertThat(start.err().lines().filter(line -> !line.contains("getcwd() failed"))) // a message of the shell
                .containsExactly(
                        "daemon-steps: the current directory has been removed: change to another one");
        assertThat(directory.resolve("d.pid")).doesNotExist();
    }

    @Test
    void closed_working_directory_does_not_prevent_a_start() throws Exception {
        CommandResult start = runner.shell("mkdir shut && cd shut && chmod 0 . && exec \"$@\"", start());
        assertThat(start.status()).as("%s", start).isZero();
        wholeDaemon();
        runner.killDaemon("d.pid");
    }

    @Test
    void missing_proc_is_reported_in_one_line() throws Exception {
        CommandResult start = runner.by(Tool.need("unshare"), "--mount", "/bin/sh", "-c",
                "mount -t tmpfs daemon-steps-test /proc || exit 99;"
                        + " exec \"$@\"",
                "sh").run(start());
        assumeSetUp(start);
        assertThat(start).isEqualTo(new CommandResult(1, "",
                "daemon-steps: there is no /proc here, or not the one of this pid namespace: mount it\n"));
        assertThat(directory.resolve("d.pid")).doesNotExist();
    }

    /** Such a system has no /proc, and uname names it. */
    @Test
    void system_other_than_linux_is_reported_in_one_line() throws Exception {
        Path tools = Files.createDirectory(directory.resolve("tools"));
        Path uname = Files.writeString(tools.resolve("uname"), "#!/bin/sh\necho Darwin arm64\n");
        Files.setPosixFilePermissions(uname, PosixFilePermissions.fromString("rwxr-xr-x"));
        CommandResult start = runner.by(Tool.need("unshare"), "--mount", "/bin/sh", "-c",
                "mount -t tmpfs daemon-steps-test /proc || exit 99; PATH=" + tools + ":$PATH exec \"$@\"",
                "sh").run(start());
        assumeSetUp(start);
        assertThat(start).isEqualTo(new CommandResult(1, "",
                "daemon-steps: Darwin arm64 is not supported; daemon-steps needs Linux on x86-64 or aarch64\n"));
    }

    /**
     * The environment, the user and the state of another process would be taken for those of this process.
     */
    @Test
    void proc_of_another_pid_namespace_is_refused_with_unknown_status() throws Exception {
        Assumptions.assumeTrue(NativePosix.get().getuid() == 0, "only root can make a pid namespace");
        assertThat(runner.run(start()).status()).isZero();
        int pid = wholeDaemon();
        String refusal =
                "daemon-steps: there is no /proc here, or not the one of this pid namespace: mount it\n";
        for (List<String> command : List.of(List.of("run", "--", "env"), List.of("nohup", "--", "env"),
                List.of("stop", "--pid-file", runner.file("d.pid")))) {
            List<String> words =
                    new ArrayList<>(List.of(Tool.need("unshare"), "--pid", "--fork", CommandRunner.COMMAND));
            words.addAll(command);
            CommandResult run = runner.run(words);
            assumeSetUp(run);
            assertThat(run).isEqualTo(new CommandResult(1, "", refusal));
        }
        assertThat(runner
                .run(List.of("unshare", "--pid", "--fork", CommandRunner.COMMAND, "status", "--pid-file",
                        runner.file("d.pid"))))
                .isEqualTo(new CommandResult(4, "", refusal));
        assertThat(Processes.hasEnded(pid)).isFalse();
        runner.killDaemon("d.pid");
    }

    @Test
    void process_1_can_run_and_reports_a_start() throws Exception {
        runner.by(Tool.need("unshare"), "--pid", "--fork", "--kill-child", "--mount-proc");
        CommandResult start = runner.run(start());
        assumeSetUp(start);
        assertThat(start)
                .isEqualTo(new CommandResult(1, "",
                        "daemon-steps: d: not started: this JVM is process 1 of its pid"
                                + " namespace: a daemon would end with it; use run\n"));
        assertThat(directory.resolve("d.pid")).doesNotExist();
        assertThat(runner.command("run", "--", "/bin/sh", "-c", "echo $$"))
                .isEqualTo(new CommandResult(0, "1\n", ""));
    }

    private static void assumeSetUp(CommandResult run) {
        Assumptions.assumeTrue(run.status() != 99 && !run.err().contains("unshare: "),
                "this system does not let it be set up: " + run);
    }
}
