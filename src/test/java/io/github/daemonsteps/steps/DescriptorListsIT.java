package io.github.daemonsteps.steps;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daemonsteps.DaemonRun;
import io.github.daemonsteps.DaemonSteps;
import io.github.daemonsteps.posix.ForkedProcess;
import io.github.daemonsteps.posix.Processes;
import io.github.daemonsteps.process.ProcessState;
import io.github.daemonsteps.testkit.Daemons;
import io.github.daemonsteps.testkit.Faults;
import io.github.daemonsteps.testkit.Launcher;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a run reads of its process, and when. */
@Daemons
class DescriptorListsIT {

    @Test
    void run_without_descriptor_lists_has_the_same_outcomes(Launcher launcher) {
        List<StepReport> reports =
                launcher.start(DaemonSteps.classic().withoutDescriptorLists()).runRemaining();
        assertThat(reports).hasSize(7).noneMatch(StepReport::failed)
                .allSatisfy(report -> assertThat(report.after().fds()).isNull())
                .allSatisfy(report -> assertThat(report.before().fds()).isNull());
        assertThat(reports.get(5).message()).contains("closed all but [");
        assertThat(ProcessState.of(reports.getLast().after().pid()).fds()).containsKeys(0, 1, 2).hasSize(4);
    }

    @Test
    void descriptor_that_stays_open_fails_close_without_descriptor_lists(Launcher launcher) {
        DaemonRun run = launcher.start(DaemonSteps.classic().withoutDescriptorLists()
                .interceptCalls(Faults.lying("close_range").always()));
        assertThat(run.runUntil(StepName.CLOSE).message())
                .startsWith("CLOSE: close_range: descriptor 0 is still open: ");
    }

    @Test
    void state_before_a_step_is_that_after_the_step_before_it(Launcher launcher) {
        List<StepReport> reports = launcher.start(DaemonSteps.classic()).runRemaining();
        for (int i = 2; i < reports.size(); i++) {
            assertThat(reports.get(i).before()).isEqualTo(reports.get(i - 1).after());
        }
    }

    @Test
    void call_between_two_steps_shows_in_the_state_before_the_next(Launcher launcher) {
        DaemonRun run = launcher.start(DaemonSteps.classic());
        run.runUntil(StepName.SETSID);
        run.process().chdir("/proc");
        assertThat(run.runUntil(StepName.FORK_AGAIN).before().cwd()).isEqualTo("/proc");
    }

    @Test
    void death_of_the_process_between_two_steps_shows_in_the_state_before_the_next(Launcher launcher) {
        DaemonRun run = launcher.start(DaemonSteps.classic());
        int pid = run.runUntil(StepName.SETSID).after().pid();
        Processes.kill(pid);
        StepReport report = run.runUntil(StepName.FORK_AGAIN);
        assertThat(report.failed()).isTrue();
        assertThat(report.before().cwd()).isNull();
    }

    @Test
    void requests_are_counted(Launcher launcher) {
        DaemonRun run = launcher.start(DaemonSteps.classic());
        run.runUntil(StepName.SETSID);
        ForkedProcess process = run.process();
        long count = process.requestCount();
        process.pid();
        process.isAlive();
        assertThat(process.requestCount()).isEqualTo(count);
        process.getpid();
        assertThat(process.requestCount()).isEqualTo(count + 1);
    }
}
