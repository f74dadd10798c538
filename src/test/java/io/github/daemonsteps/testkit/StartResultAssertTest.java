package io.github.daemonsteps.testkit;

import static io.github.daemonsteps.testkit.DaemonAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.daemonsteps.daemon.StartResult;
import io.github.daemonsteps.posix.Errno;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class StartResultAssertTest {

    private static final int THIS_JVM = (int) ProcessHandle.current().pid();

    private static final StartResult STARTED = new StartResult.Started("echod", 4711, "port 7", List.of());
    private static final StartResult WARNED =
            new StartResult.Started("echod", 4711, "",
                    List.of("the unit may end it", "a.txt does not exist"));
    private static final StartResult RUNNING = new StartResult.AlreadyRunning("echod", 4711, false, false);
    private static final StartResult STARTING = new StartResult.AlreadyRunning("echod", 4711, true, false);
    private static final StartResult FAILED = new StartResult.Failed("echod",
            "CHDIR: chdir(\"/nope\"): No such file or directory (ENOENT, 2)", Errno.ENOENT, false,
            "/var/log/echod.log",
            List.of("port 7 is in use", "exiting"));
    private static final StartResult EXITED =
            new StartResult.Failed("echod", "exited with status 1", null, false, "/var/log/echod.log",
                    List.of());

    private static String failure(StartResult result, Consumer<StartResultAssert> assertion) {
        return FailureMessage.of(() -> assertion.accept(assertThat(result)));
    }

    @Test
    void failed_start_is_reported_with_reason_and_log() {
        assertThat(STARTED).isStarted();
        assertThat(failure(FAILED, StartResultAssert::isStarted)).isEqualTo("""
                expected daemon echod to be started, but the start failed: \
                CHDIR: chdir("/nope"): No such file or directory (ENOENT, 2)
                the end of /var/log/echod.log:
                  port 7 is in use
                  exiting""");
    }

    @Test
    void running_daemon_was_not_started() {
        assertThat(failure(RUNNING, StartResultAssert::isStarted))
                .isEqualTo("expected daemon echod to be started, but it runs already, pid 4711");
        assertThat(failure(STARTING, StartResultAssert::isStarted))
                .isEqualTo("expected daemon echod to be started, but it is being started already, pid 4711");
    }

    @Test
    void started_daemon_did_not_run_already() {
        assertThat(RUNNING).isAlreadyRunning();
        assertThat(STARTING).isAlreadyRunning();
        assertThat(failure(STARTED, StartResultAssert::isAlreadyRunning))
                .isEqualTo("expected daemon echod to run already, but it was started, pid 4711");
    }

    @Test
    void started_daemon_has_not_failed() {
        assertThat(FAILED).hasFailed();
        assertThat(failure(STARTED, StartResultAssert::hasFailed))
                .isEqualTo("expected daemon echod not to be started, but it was started, pid 4711");
    }

    @Test
    void other_errno_fails_with_both() {
        assertThat(FAILED).failedWith(Errno.ENOENT);
        assertThat(failure(FAILED, start -> start.failedWith(Errno.EACCES))).isEqualTo("""
                expected daemon echod to fail with EACCES, but the errno is ENOENT: \
                CHDIR: chdir("/nope"): No such file or directory (ENOENT, 2)
                the end of /var/log/echod.log:
                  port 7 is in use
                  exiting""");
    }

    @Test
    void start_without_a_failed_call_does_not_have_an_errno() {
        assertThat(failure(EXITED, start -> start.failedWith(Errno.EACCES))).isEqualTo(
                "expected daemon echod to fail with EACCES, but no call failed: exited with status 1");
        assertThat(failure(STARTED, start -> start.failedWith(Errno.EACCES)))
                .isEqualTo("expected daemon echod to fail with EACCES, but it was started, pid 4711");
    }

    @Test
    void other_reason_fails_with_the_actual_one() {
        assertThat(FAILED).hasReason("chdir(\"/nope\")");
        assertThat(failure(EXITED, start -> start.hasReason("killed")))
                .isEqualTo("expected daemon echod to fail for a"
                        + " reason that contains 'killed', but the start failed: exited with status 1");
    }

    @Test
    void other_message_fails_with_both() {
        assertThat(STARTED).hasMessage("echod: started, pid 4711: port 7");
        assertThat(failure(RUNNING, start -> start.hasMessage("x")))
                .isEqualTo("expected daemon echod to have the"
                        + " message 'x', but the message is 'echod: runs already, pid 4711'");
    }

    @Test
    void other_ready_text_fails_with_both() {
        assertThat(STARTED).hasReadyText("port 7");
        assertThat(failure(STARTED, start -> start.hasReadyText("port 8"))).isEqualTo(
                "expected daemon echod to be ready with the text 'port 8', but the text is 'port 7'");
        assertThat(failure(RUNNING, start -> start.hasReadyText("port 8"))).isEqualTo(
                "expected daemon echod to be ready with the text 'port 8', but it runs already, pid 4711");
    }

    @Test
    void warning_fails_with_its_text() {
        assertThat(STARTED).hasNoWarnings();
        assertThat(failure(WARNED, StartResultAssert::hasNoWarnings)).isEqualTo("""
                expected daemon echod to start without a warning, but the warnings are:
                  - the unit may end it
                  - a.txt does not exist""");
    }

    @Test
    void other_pid_fails_with_both() {
        assertThat(STARTED).hasPid(4711);
        assertThat(RUNNING).hasPid(4711);
        assertThat(failure(STARTED, start -> start.hasPid(42)))
                .isEqualTo("expected daemon echod to be process 42, but its pid is 4711");
        assertThat(failure(EXITED, start -> start.hasPid(42))).isEqualTo(
                "expected daemon echod to be process 42, but the start failed: exited with status 1");
    }

    @Test
    void process_of_a_started_daemon_is_that_of_now() {
        StartResult started = new StartResult.Started("echod", THIS_JVM, "", List.of());
        assertThat(started).process().isRunning();
        assertThat(failure(started, start -> start.as("100 %").process().hasEnded()))
                .isEqualTo("[100 %] expected"
                        + " process " + THIS_JVM
                        + " to have ended, but it still runs: its files, locks and ports are in use");
        assertThat(failure(EXITED, StartResultAssert::process)).isEqualTo(
                "expected daemon echod to have a process, but the start failed: exited with status 1");
    }

    @Test
    void description_is_in_the_message() {
        assertThat(failure(RUNNING, start -> start.as("first start").isStarted()))
                .isEqualTo(
                        "[first start] expected daemon echod to be started, but it runs already, pid 4711");
    }
}
