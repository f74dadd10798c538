package io.github.daemonsteps.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import io.github.daemonsteps.DaemonSteps;
import io.github.daemonsteps.daemon.Readiness;
import io.github.daemonsteps.posix.ForkedProcess;
import io.github.daemonsteps.process.ProcessState;
import io.github.daemonsteps.process.Program;
import io.github.daemonsteps.steps.StepName;
import io.github.daemonsteps.testing.ChildJvm;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.EventType;

/** The extension: a test that leaves something fails with a message that names it, and nothing stays. */
class DaemonsIT {

    /** Tests that {@link DaemonsIT} runs. */
    @Daemons
    static class Cases {

        static final List<Integer> PIDS = new ArrayList<>();
        static final List<AutoCloseable> OPEN = new ArrayList<>();
        static final List<Path> DIRECTORIES = new ArrayList<>();

        private static void startDaemon(Launcher launcher) {
            DaemonAssertions.assertThat(launcher.daemon("left").start(Program.of("/bin/sleep", "300"),
                    Readiness.aliveAfter(Duration.ofMillis(1)))).isStarted();
        }

        @Test
        void clean(Launcher launcher, TestDirectory directory, Pty terminal) throws Exception {
            startDaemon(launcher);
            assertThat(directory.file("left.pid")).exists();
            assertThat(launcher.daemon("left").stop().message()).startsWith("left: stopped");
            var run = launcher.start(DaemonSteps.classic()); // is closed
            run.runUntil(StepName.SETSID).orThrow();
            PIDS.add(run.process().pid());
            run.process().open(terminal.path().toString());
            assertThat(ProcessState.of(run.process().pid()).tty()).isEqualTo(terminal.path().toString());
            assertThat(launcher.run("sh", "-c", "pwd; echo $DAEMON_STEPS_TEST >&2; exit 3"))
                    .isEqualTo(new CommandResult(3, directory.path() + "\n",
                            launcher.tagEntry().substring("DAEMON_STEPS_TEST=".length()) + "\n"));
        }

        @Test
        void daemon(Launcher launcher) {
            startDaemon(launcher);
        }

        @Test
        void daemon_that_is_killed(Launcher launcher, TestDirectory directory) throws Exception {
            assertThat(launcher.processes()).isEmpty();
            startDaemon(launcher);
            int pid = Integer.parseInt(directory.lines("left.pid").getFirst());
            Process child = launcher.builder("sleep", "300").start();
            assertThat(launcher.processes()).containsExactlyInAnyOrder(pid, (int) child.pid()).isSorted();
            launcher.killProcesses();
            assertThat(launcher.processes()).isEmpty();
            assertThat(ProcessState.of((int) child.pid()).ppid()).as("a reaped process").isNull();
            Files.delete(directory.file("left.pid"));
        }

        @Test
        void orphan(Launcher launcher) {
            var run = launcher.start(DaemonSteps.nohup());
            run.runRemaining();
            run.execve(launcher.program("/bin/sleep", "300"));
            PIDS.add(run.process().pid());
        }

        @Test
        void program_without_tag(Launcher launcher) {
            var run = launcher.start(DaemonSteps.classic());
            run.runRemaining();
            run.execve(Program.of("/bin/sleep", "300"));
            PIDS.add(run.process().pid());
        }

        @Test
        void application() {
            var echo = TestDaemon.start(EchoDaemon.class);
            PIDS.add(echo.pid());
            OPEN.add(echo);
        }

        @Test
        @Timeout(1)
        void silent_terminal(Pty terminal) throws Exception {
            terminal.line();
        }

        @Test
        void close_that_throws(Launcher launcher) throws Exception {
            launcher.closeAfterTest(() -> {
                throw new IllegalStateException("injected");
            });
            startDaemon(launcher);
        }

        @Test
        void fork() {
            PIDS.add(ForkedProcess.fork().pid());
        }

        @Test
        void lock(TestDirectory directory) throws Exception {
            FileChannel file = FileChannel.open(directory.file("locked"), StandardOpenOption.CREATE,
                    StandardOpenOption.WRITE);
            OPEN.add(file);
            file.lock();
        }

        @Test
        void socket() throws Exception {
            new ServerSocket(0, 1, InetAddress.getLoopbackAddress()).close();
        }

        @Test
        void pid_file(TestDirectory directory) throws Exception {
            Files.writeString(directory.file("x.pid"), "1\n");
        }

        @Test
        void directories_without_permissions(TestDirectory directory) throws Exception {
            Path closed = Files.createDirectories(directory.file("readable/closed"));
            Files.writeString(closed.resolve("x.pid"), "1\n");
            Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("---------"));
            Files.setPosixFilePermissions(closed.getParent(), PosixFilePermissions.fromString("r-xr-xr-x"));
            DIRECTORIES.add(directory.path());
        }

        @Test
        void assertion_and_daemon(Launcher launcher) {
            startDaemon(launcher);
            throw new AssertionError("the assertion");
        }

        @Test
        void terminal(Launcher launcher, Pty terminal) throws Exception {
            Process process = launcher.startOn(terminal, "sh", "-c", "echo ready; read word; echo got $word");
            assertThat(terminal.line()).isEqualTo("ready");
            terminal.type("hello\n");
            assertThat(terminal.line()).isEqualTo("hello"); // the echo
            assertThat(terminal.line()).isEqualTo("got hello");
            assertThat(process.waitFor()).isZero();
        }
    }

    /** Runs a case, and returns its failure: the message, and those of suppressed errors. */
    private static String run(String method, Class<?>... parameters) {
        var failures = new ArrayList<String>();
        EngineTestKit.engine("junit-jupiter").selectors(selectMethod(Cases.class, method, parameters))
                .execute()
                .allEvents().filter(event -> event.getType() == EventType.FINISHED)
                .forEach(event -> event.getPayload(org.junit.platform.engine.TestExecutionResult.class)
                        .flatMap(result -> result.getThrowable()).ifPresent(e -> {
                            failures.add(e.getMessage());
                            for (Throwable suppressed : e.getSuppressed()) {
                                failures.add("suppressed: " + suppressed.getMessage());
                            }
                        }));
        return String.join("\n", failures);
    }

    @Test
    void test_that_stops_its_daemon_passes_and_its_run_and_terminal_are_closed() {
        assertThat(run("clean", Launcher.class, TestDirectory.class, Pty.class)).isEmpty();
        assertThat(ProcessState.hasEnded(Cases.PIDS.removeLast())).isTrue();
    }

    @Test
    void daemon_that_is_left_is_named_with_its_lock_and_ended() {
        String failure = run("daemon", Launcher.class);
        assertThat(failure).startsWith("the test has left:\n- process ").contains(
                " (/bin/sleep 300) is left running, with ", "left.pid (locked)", "left.log",
                "\n- the pid file ", "left.pid is left");
        int pid = Integer.parseInt(failure.replaceAll("(?s).*?process (\\d+) .*", "$1"));
        assertThat(ProcessState.hasEnded(pid)).isTrue();
    }

    @Test
    void test_that_kills_its_processes_passes() {
        assertThat(run("daemon_that_is_killed", Launcher.class, TestDirectory.class)).isEmpty();
    }

    @Test
    void orphan_that_is_left_is_found_by_its_tag() {
        String failure = run("orphan", Launcher.class);
        int pid = Cases.PIDS.removeLast();
        assertThat(failure).contains("- process " + pid + " (/bin/sleep 300) is left running");
        assertThat(ProcessState.hasEnded(pid)).isTrue();
    }

    @Test
    void program_of_a_run_that_is_left_is_found_without_a_tag() {
        String failure = run("program_without_tag", Launcher.class);
        int pid = Cases.PIDS.removeLast();
        assertThat(failure).isEqualTo("the test has left:\n- process " + pid
                + " (/bin/sleep 300) is left running");
        assertThat(ProcessState.hasEnded(pid)).isTrue();
    }

    @Test
    void application_that_is_left_is_named_and_its_directory_deleted() {
        String failure = run("application");
        int pid = Cases.PIDS.removeLast();
        assertThat(failure).contains("- process " + pid + " (", " is left running");
        assertThat(ProcessState.hasEnded(pid)).isTrue();
        assertThat(((TestDaemon) Cases.OPEN.removeLast()).directory().path()).doesNotExist();
    }

    @Test
    void wait_for_a_silent_terminal_ends_at_the_time_limit() {
        assertThat(run("silent_terminal", Pty.class)).contains("timed out after 1 second");
    }

    @Test
    void close_that_throws_does_not_keep_the_rest_from_being_ended() {
        String failure = run("close_that_throws", Launcher.class);
        assertThat(failure).contains("- cannot be cleaned up: java.lang.IllegalStateException: injected",
                " (/bin/sleep 300) is left running");
        int pid = Integer.parseInt(failure.replaceAll("(?s).*?process (\\d+) .*", "$1"));
        assertThat(ProcessState.hasEnded(pid)).isTrue();
    }

    @Test
    void jvm_with_the_command_line_of_another_one_is_not_its_fork() throws Exception {
        try (var first = ChildJvm.start(ProcessLister.class)) {
            assertThat(first.line()).isEqualTo("ready");
            try (var second = ChildJvm.start(ProcessLister.class)) {
                assertThat(second.line()).isEqualTo("ready");
                first.send("");
                assertThat(first.line()).isEqualTo("0");
            }
        }
    }

    @Test
    void fork_of_this_jvm_that_is_left_is_named_and_reaped() {
        String failure = run("fork");
        int pid = Cases.PIDS.removeLast();
        assertThat(failure).contains("- process " + pid + " (a fork of this JVM) is left running",
                "- descriptor ", " of this JVM is open on socket:[", "memory mappings");
        assertThat(ProcessState.of(pid).ppid()).as("a reaped process").isNull();
    }

    @Test
    void descriptor_with_a_lock_that_is_left_is_named() throws Exception {
        assertThat(run("lock", TestDirectory.class)).containsPattern(
                "- descriptor \\d+ of this JVM is open on /.*/locked, and holds a lock of that file");
        Cases.OPEN.removeLast().close();
    }

    @Test
    void socket_that_the_jdk_keeps_for_itself_is_not_reported() {
        assertThat(run("socket")).isEmpty();
    }

    @Test
    void pid_file_that_is_left_is_named() {
        assertThat(run("pid_file", TestDirectory.class)).matches(
                "the test has left:\n- the pid file /.*/x\\.pid is left");
    }

    /** Root may use each directory. So this test shows more as an ordinary user. */
    @Test
    void directories_without_permissions_are_searched_and_deleted() {
        assertThat(run("directories_without_permissions", TestDirectory.class)).matches(
                "the test has left:\n- the pid file /.*/readable/closed/x\\.pid is left");
        assertThat(Cases.DIRECTORIES.removeLast()).doesNotExist();
    }

    @Test
    void failed_test_keeps_its_failure_and_the_leftovers_are_added() {
        assertThat(run("assertion_and_daemon", Launcher.class))
                .startsWith("the assertion\nsuppressed: the test has left:\n");
    }

    @Test
    void command_on_a_terminal_reads_what_is_typed() {
        assertThat(run("terminal", Launcher.class, Pty.class)).isEmpty();
    }
}
