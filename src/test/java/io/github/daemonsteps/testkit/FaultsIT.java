package io.github.daemonsteps.testkit;

import static io.github.daemonsteps.testkit.DaemonAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.daemonsteps.DaemonRun;
import io.github.daemonsteps.DaemonSteps;
import io.github.daemonsteps.daemon.Readiness;
import io.github.daemonsteps.daemon.StartResult;
import io.github.daemonsteps.posix.CallInterceptor.Place;
import io.github.daemonsteps.posix.Errno;
import io.github.daemonsteps.posix.PosixException;
import io.github.daemonsteps.posix.Signal;
import io.github.daemonsteps.process.ProcessState;
import io.github.daemonsteps.process.Program;
import io.github.daemonsteps.steps.ChangeDirectory;
import io.github.daemonsteps.steps.StartSession;
import io.github.daemonsteps.steps.Step;
import io.github.daemonsteps.steps.StepName;
import io.github.daemonsteps.steps.StepReport;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Faults in a single step, in a run and in a start. */
@Daemons
class FaultsIT {

    private static final Program PROGRAM = Program.of("/bin/sleep", "300");
    private static final Readiness AT_ONCE = Readiness.aliveAfter(Duration.ofMillis(1));

    @Test
    void failing_call_fails_its_step() {
        StepReport report = Faults.failing("setsid", Errno.EPERM).onCall(1).take(new StartSession());
        assertThat(report).failedWith(Errno.EPERM).failedAt("setsid");
    }

    @Test
    void lying_call_is_found_by_the_check_of_the_step() {
        StepReport report = Faults.lying("chdir").always().take(new ChangeDirectory(Path.of("/usr")));
        assertThat(report).hasFailed().failedAt("chdir").after()
                .hasWorkingDirectory(Path.of("").toAbsolutePath());
    }

    @Test
    void run_fails_at_the_step_of_the_chosen_call() {
        var faults = Faults.failing("fork", Errno.EAGAIN).onCall(1);
        try (DaemonRun run = DaemonSteps.classic().interceptCalls(faults).start()) {
            run.runRemaining();
            assertThat(run).hasFailedAt(StepName.FORK_AGAIN);
        }
        assertThat(faults.calls()).extracting(Faults.Call::function).contains("setsid", "fork")
                .doesNotContain("chdir");
    }

    @Test
    void killed_process_fails_the_step_and_is_reaped() {
        var faults = Faults.killing(Place.CHILD).before("umask");
        try (DaemonRun run = DaemonSteps.classic().interceptCalls(faults).start()) {
            run.runRemaining();
            assertThat(run).hasFailedAt(StepName.UMASK);
            assertThat(run.reports().getLast().message()).contains("has ended");
        }
        assertThat(faults.forked()).as("%s", faults.calls()).hasSize(2).allMatch(ProcessState::hasEnded);
    }

    @Test
    void stopped_process_fails_the_next_step_after_the_time_limit_of_a_call() {
        var faults = Faults.stopping(Place.CHILD).after("chdir");
        try (DaemonRun run = DaemonSteps.classic().callTimeout(Duration.ofMillis(200)).interceptCalls(faults)
                .start()) {
            run.runRemaining();
            assertThat(run.reports().getLast().message()).contains("no answer within 200 ms");
        }
    }

    @Test
    void start_that_cannot_lock_fails_and_leaves_nothing(Launcher launcher, TestDirectory directory) {
        var faults = Faults.failing("flock", Errno.EIO).always();
        StartResult result = launcher.daemon("d").interceptCalls(faults).start(PROGRAM, AT_ONCE);
        assertThat(result).failedWith(Errno.EIO).hasReason("flock(");
        assertThat(directory.file("d.pid")).doesNotExist();
        assertThat(faults.violations()).isEmpty();
    }

    @Test
    void start_whose_launcher_cannot_fork_fails_and_leaves_nothing(Launcher launcher) {
        var faults = Faults.failing("socketpair", Errno.EMFILE).onCall(Place.LAUNCHER, 1);
        assertThat(launcher.daemon("d").interceptCalls(faults).start(PROGRAM, AT_ONCE))
                .failedWith(Errno.EMFILE);
    }

    @Test
    void signal_to_a_process_that_was_not_forked_by_the_run_is_not_sent() {
        int stranger = (int) ProcessHandle.current().pid();
        var faults = Faults.none();
        try (DaemonRun run = DaemonSteps.classic().interceptCalls(faults).start()) {
            run.runUntil(StepName.SETSID).orThrow();
            assertThatThrownBy(() -> run.process().kill(stranger, Signal.SIGTERM))
                    .isInstanceOf(PosixException.class).hasMessageContaining("ESRCH");
        }
        assertThat(faults.violations()).containsExactly("kill(" + stranger + ", SIGTERM)");
        assertThat(faults.hasStruck()).isFalse();
    }

    @Test
    void unknown_function_is_refused() {
        assertThatThrownBy(() -> Faults.failing("nosuchcall", Errno.EIO))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(
                        "unknown function 'nosuchcall'; give one of _exit, bind, capset, chdir, ");
        assertThatThrownBy(() -> Faults.killing(Place.CHILD).before("nosuchcall"))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void fault_of_a_call_that_the_step_does_not_make_is_an_error() {
        assertThatThrownBy(() -> Faults.failing("setsid", Errno.EPERM).onCall(7).take(new StartSession()))
                .isInstanceOf(AssertionError.class)
                .hasMessage(
                        "no fault: call 7 of setsid in the CHILD fails with EPERM, but the step made [setsid]");
        var faults = Faults.failing("setsid", Errno.EPERM).onCall(7);
        try (DaemonRun run = DaemonSteps.classic().interceptCalls(faults).start()) {
            run.runRemaining();
        }
        assertThat(faults.hasStruck()).isFalse();
    }

    @Test
    void lie_that_does_harm_is_refused() {
        assertThatThrownBy(() -> Faults.lying("mmap")).isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("a lie about mmap cannot be noticed");
    }

    @Test
    void last_interceptor_and_last_time_limit_of_a_daemon_count(Launcher launcher) {
        var first = Faults.none();
        var last = Faults.none();
        var daemon = launcher.daemon("d").callTimeout(Duration.ofNanos(1)).callTimeout(Duration.ofSeconds(20))
                .interceptCalls(first).interceptCalls(last);
        assertThat(daemon.start(PROGRAM, AT_ONCE)).isStarted();
        assertThat(daemon.stop().message()).startsWith("d: stopped");
        assertThat(first.calls()).isEmpty();
        assertThat(last.forked()).isNotEmpty();
    }

    @Test
    void number_of_a_call_below_1_is_refused() {
        assertThatThrownBy(() -> Faults.failing("open", Errno.EIO).onCall(0))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("not 0");
    }

    private static final Step STEP = new ChangeDirectory(Path.of("/usr"));

    static Stream<Faults> faultsOfEachCall() {
        return Faults.ofEachCall(STEP);
    }

    @ParameterizedTest
    @MethodSource("faultsOfEachCall")
    void step_fails_at_each_fault_of_each_call(Faults faults) {
        assertThat(faults.take(STEP)).hasFailed();
    }

    @Test
    void each_fault_of_the_matrix_has_a_name() {
        assertThat(faultsOfEachCall().map(Faults::toString).toList()).contains(
                "call 1 of chdir in the CHILD: fails with EACCES",
                "call 1 of chdir in the CHILD: does nothing and returns 0").doesNotHaveDuplicates();
    }
}
