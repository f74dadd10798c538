package io.github.daemonsteps.steps;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daemonsteps.posix.Errno;
import io.github.daemonsteps.posix.ForkedProcess;
import io.github.daemonsteps.process.ProcessState;
import org.junit.jupiter.api.Test;

/** Step 1: why the first fork? */
class ForkIT {

    @Test
    void child_is_not_a_group_leader_and_the_parent_continues() {
        ProcessState parent = ProcessState.ofThisProcess();
        Fork.Result result = new Fork().run();
        try (ForkedProcess child = result.process()) {
            ProcessState state = ProcessState.of(child.pid());
            assertThat(state.pid()).isNotEqualTo(parent.pid());
            assertThat(state.ppid()).isEqualTo(parent.pid());
            assertThat(state.isGroupLeader()).isFalse();
            assertThat(state.pgid()).isEqualTo(parent.pgid());
            assertThat(state.sid()).isEqualTo(parent.sid());
            assertThat(result.report().outcome()).isEqualTo(new StepOutcome.Done("process " + child.pid()
                    + ", child of " + parent.pid() + ", in its group " + parent.pgid()));
            assertThat(result.report().before().pid()).isEqualTo(parent.pid());
            assertThat(result.report().after()).isEqualTo(state);
        }
    }

    @Test
    void setsid_fails_in_a_process_group_leader() {
        try (var process = ForkedProcess.fork()) {
            process.setpgid(0, 0);
            assertThat(ProcessState.of(process.pid()).isGroupLeader()).isTrue();
            int session = ProcessState.of(process.pid()).sid();
            StepReport report = new StartSession().run(process);
            assertThat(report.outcome()).isEqualTo(new StepOutcome.Failed("setsid()", Errno.EPERM,
                    "Operation not permitted: process " + process.pid()
                            + " leads a process group; fork first"));
            assertThat(report.calls()).singleElement()
                    .hasToString("setsid() = -1 EPERM (Operation not permitted)");
            assertThat(ProcessState.of(process.pid()).sid()).isEqualTo(session);
        }
    }

    @Test
    void setsid_fails_in_a_session_leader() {
        try (var process = ForkedProcess.fork()) {
            assertThat(new StartSession().run(process).outcome()).isInstanceOf(StepOutcome.Done.class);
            assertThat(new StartSession().run(process).outcome()).isInstanceOfSatisfying(
                    StepOutcome.Failed.class,
                    failed -> assertThat(failed.errno()).isEqualTo(Errno.EPERM));
        }
    }

    @Test
    void setsid_succeeds_in_a_group_leaders_child() {
        try (var process = ForkedProcess.fork()) {
            process.setpgid(0, 0);
            process.forkExitingParent();
            assertThat(new StartSession().run(process).outcome()).isInstanceOf(StepOutcome.Done.class);
            assertThat(ProcessState.of(process.pid()).isSessionLeader()).isTrue();
        }
    }

    @Test
    void setsid_succeeds_right_after_the_fork() {
        try (var process = ForkedProcess.fork()) {
            StepReport report = new StartSession().run(process);
            assertThat(report.outcome()).isEqualTo(new StepOutcome.Done(
                    "leads session and group " + process.pid() + ", no controlling terminal"));
            ProcessState state = ProcessState.of(process.pid());
            assertThat(state.sid()).isEqualTo(process.pid());
            assertThat(state.pgid()).isEqualTo(process.pid());
            assertThat(state.terminal()).isZero();
            assertThat(state.tty()).isNull();
        }
    }
}
