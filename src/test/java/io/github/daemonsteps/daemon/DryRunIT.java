package io.github.daemonsteps.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.github.daemonsteps.posix.Processes;
import io.github.daemonsteps.process.Program;
import io.github.daemonsteps.steps.Step;
import io.github.daemonsteps.steps.StepContext;
import io.github.daemonsteps.steps.StepName;
import io.github.daemonsteps.steps.StepOutcome;
import io.github.daemonsteps.steps.StepReport;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The steps of a start and those of the life cycle, taken and rolled back. */
class DryRunIT {

    private static final Program SLEEP = Program.of("/bin/sleep", "300");

    @TempDir
    private Path directory;

    private final List<StepReport> reports = new ArrayList<>();
    private Daemon daemon;

    @BeforeEach
    void open() {
        daemon = Daemon.named("d").pidFile(directory.resolve("d.pid")).log(directory.resolve("d.log"))
                .openFileLimit(100).onStep(reports::add);
    }

    @AfterEach
    void no_process_is_left() {
        daemon.stop();
        for (StepReport report : reports) {
            assertThat(report.step().equals(StepName.FORK) || Processes.hasEnded(report.after().pid()))
                    .as("%s", report).isTrue();
        }
    }

    private List<String> names() {
        return reports.stream().map(report -> report.step().name()).toList();
    }

    @Test
    void dry_run_takes_each_step_that_a_plan_has_and_executes_nothing() {
        assertThat(daemon.dryRun(SLEEP, Readiness.notificationFd(3))).isEmpty();
        assertThat(names()).containsExactly("FORK", "SETSID", "SIGCHLD", "FORK_AGAIN", "NOTIFY_FD",
                "PID_FILE", "CHDIR", "UMASK", "CLOSE", "REOPEN", "LOGS", "OPEN_FILES");
        assertThat(daemon.plan(Readiness.notificationFd(3))).map(step -> step.step().name())
                .isEqualTo(names());
        assertThat(reports).allSatisfy(
                report -> assertThat(report.outcome()).isInstanceOf(StepOutcome.Done.class));
        assertThat(directory.resolve("d.log")).isEmptyFile();
        assertThat(directory.resolve("d.pid")).doesNotExist();
        assertThat(directory.resolve("d.pid.record")).doesNotExist();
    }

    @Test
    void report_of_the_pid_file_has_its_calls() {
        daemon.dryRun(SLEEP, Readiness.aliveAfter());
        StepReport report = reports.stream().filter(each -> each.step().name().equals("PID_FILE")).findFirst()
                .orElseThrow();
        assertThat(report.calls()).map(call -> call.function())
                .containsSubsequence("open", "flock", "write", "write", "fsync");
        assertThat(report.after().fds()).containsValue(directory.resolve("d.pid").toString());
    }

    @Test
    void dry_run_beside_a_running_daemon_reports_it_and_leaves_it() {
        StartResult started = daemon.start(SLEEP, Readiness.aliveAfter());
        assertThat(started).isInstanceOf(StartResult.Started.class);
        int pid = ((StartResult.Started) started).pid();
        reports.clear();
        assertThat(daemon.dryRun(SLEEP, Readiness.aliveAfter()))
                .containsInstanceOf(StartResult.AlreadyRunning.class);
        assertThat(reports).isEmpty();
        assertThat(Processes.hasEnded(pid)).isFalse();
    }

    @Test
    void pid_file_that_cannot_be_acquired_is_a_failed_step() throws Exception {
        Files.createDirectory(directory.resolve("d.pid"));
        assertThat(daemon.dryRun(SLEEP, Readiness.aliveAfter())).containsInstanceOf(StartResult.Failed.class);
        Files.delete(directory.resolve("d.pid"));
    }

    /** A step with a bug. */
    private record Buggy() implements Step {
        @Override
        public StepName name() {
            return new StepName("BUGGY");
        }

        @Override
        public String description() {
            return "throw";
        }

        @Override
        public String rationale() {
            return "a bug";
        }

        @Override
        public List<String> plan() {
            return List.of();
        }

        @Override
        public StepOutcome perform(StepContext context) {
            throw new IllegalStateException("a bug of the step");
        }
    }

    @Test
    void exception_of_a_users_step_reaches_the_caller_and_nothing_is_left() {
        assertThatIllegalStateException()
                .isThrownBy(() -> daemon.addStep(new Buggy()).start(SLEEP, Readiness.aliveAfter()))
                .withMessage("a bug of the step");
        assertThat(directory.resolve("d.pid")).doesNotExist();
        assertThat(names()).endsWith("LOGS");
    }
}
