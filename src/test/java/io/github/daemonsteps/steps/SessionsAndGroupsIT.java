package io.github.daemonsteps.steps;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.daemonsteps.posix.ForkedProcess;
import io.github.daemonsteps.posix.PosixException;
import io.github.daemonsteps.process.ProcessState;
import io.github.daemonsteps.procfs.ProcessStat;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Session (SID) -> process group (PGID) -> process (PID). */
class SessionsAndGroupsIT {

    @Test
    void first_process_of_a_group_is_its_leader() {
        try (var first = ForkedProcess.fork(); var next = ForkedProcess.fork()) {
            first.setpgid(0, 0);
            next.setpgid(0, first.pid());
            assertThat(ProcessState.of(first.pid()).isGroupLeader()).isTrue();
            assertThat(ProcessState.of(next.pid()).isGroupLeader()).isFalse();
            assertThat(ProcessState.of(next.pid()).pgid()).isEqualTo(first.pid());
        }
    }

    @Test
    void first_process_of_a_session_is_its_leader() {
        try (var process = ForkedProcess.fork()) {
            int first = process.setsid();
            assertThat(ProcessState.of(first).isSessionLeader()).isTrue();
            assertThat(ProcessState.of(first).isGroupLeader()).isTrue();
            ProcessState child = ProcessState.of(process.forkExitingParent());
            assertThat(child.isSessionLeader()).isFalse();
            assertThat(child.isGroupLeader()).isFalse();
            assertThat(child.sid()).isEqualTo(first);
            assertThat(child.pgid()).isEqualTo(first);
        }
    }

    @Test
    void group_belongs_to_one_session() {
        try (var stranger = ForkedProcess.fork(); var process = ForkedProcess.fork()) {
            stranger.setsid();
            assertThatThrownBy(() -> process.setpgid(0, stranger.pid())).isInstanceOf(PosixException.class)
                    .hasMessageContaining("(EPERM, 1)");
        }
    }

    @Test
    void session_continues_without_its_leader_after_the_second_fork() {
        try (var process = ForkedProcess.fork()) {
            int leader = process.setsid();
            StepReport report = new ForkAgain().run(process);
            ProcessState state = ProcessState.of(process.pid());
            assertThat(report.outcome())
                    .isEqualTo(new StepOutcome.Done("process " + state.pid() + ", in session "
                            + leader + " without leading it; parent " + state.ppid()));
            assertThat(state.pid()).isNotEqualTo(leader);
            assertThat(state.sid()).isEqualTo(leader);
            assertThat(state.isSessionLeader()).isFalse();
            assertThat(ProcessStat.of(leader)).as("the leader, ended and reaped").isEmpty();
            assertThat(report.before().pid()).isEqualTo(leader);
            assertThat(report.after().pid()).isEqualTo(state.pid());
        }
    }

    @Test
    void parent_of_orphan_is_1_or_the_nearest_subreaper() {
        try (var process = ForkedProcess.fork()) {
            process.setsid();
            new ForkAgain().run(process);
            int parent = ProcessState.of(process.pid()).ppid();
            assertThat(process.getppid()).isEqualTo(parent);
            // The kernel does not show which processes are subreapers. A subreaper is an ancestor, and this
            // JVM is not one.
            assertThat(parent).isNotEqualTo(ProcessState.ofThisProcess().pid());
            Stream<Long> seen = ProcessHandle.current().parent().stream()
                    .flatMap(first -> Stream.iterate(first,
                            Objects::nonNull, handle -> handle.parent().orElse(null)))
                    .map(ProcessHandle::pid);
            // Process 1 is an ancestor of all, even if this user cannot see it.
            assertThat(Stream.concat(seen, Stream.of(1L))).contains((long) parent);
        }
    }
}
