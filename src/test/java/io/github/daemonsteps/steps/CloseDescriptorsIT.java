package io.github.daemonsteps.steps;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.daemonsteps.DaemonSteps;
import io.github.daemonsteps.ffm.NativePosix;
import io.github.daemonsteps.posix.Errno;
import io.github.daemonsteps.posix.ForkedProcess;
import io.github.daemonsteps.posix.OpenFlag;
import io.github.daemonsteps.posix.Posix;
import io.github.daemonsteps.posix.PosixException;
import io.github.daemonsteps.process.ProcessState;
import io.github.daemonsteps.testing.Programs;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Step 6: the daemon keeps no inherited descriptor except those that it must keep. */
class CloseDescriptorsIT {

    private final NativePosix posix = NativePosix.get();

    @Test
    void inherited_pipe_ends_at_the_close() {
        Posix.Pipe pipe = posix.pipe2(Set.of(OpenFlag.O_NONBLOCK));
        try (var process = ForkedProcess.fork()) {
            posix.close(pipe.writeEnd());
            assertThatThrownBy(() -> posix.read(pipe.readEnd(), 1)).isInstanceOf(PosixException.class)
                    .hasMessageContaining("EAGAIN"); // the child still has the other end
            assertThat(new CloseDescriptors().run(process).outcome()).isInstanceOf(StepOutcome.Done.class);
            assertThat(posix.read(pipe.readEnd(), 1)).as("end of file").isEmpty();
        } finally {
            posix.close(pipe.readEnd());
        }
    }

    @Test
    void control_descriptor_alone_stays_open() {
        try (var process = ForkedProcess.fork()) {
            process.dup2(0, process.controlFd() + 100);
            StepReport report = new CloseDescriptors().run(process);
            assertThat(report.before().fds()).containsKeys(0, 1, 2);
            assertThat(ProcessState.of(process.pid()).fds()).containsOnlyKeys(process.controlFd());
            assertThat(report.outcome()).isEqualTo(new StepOutcome.Done("closed "
                    + (report.before().fds().size() - 1) + "; sysconf(_SC_OPEN_MAX) is " + posix.openMax()));
        }
    }

    @Test
    void kept_descriptors_alone_stay_open_across_execve() {
        Posix.Pipe kept = posix.pipe2(Set.of());
        Posix.Pipe closedOnExec = posix.pipe2(Set.of(OpenFlag.O_CLOEXEC));
        Posix.Pipe other = posix.pipe2(Set.of());
        try (var run = DaemonSteps.classic().keepOpen(kept.writeEnd(), closedOnExec.readEnd()).start()) {
            assertThat(run.runRemaining()).noneMatch(StepReport::failed);
            int pid = run.process().pid();
            try {
                assertThat(run.execve(Programs.stopsItself()).outcome()).isInstanceOf(StepOutcome.Done.class);
                Programs.awaitStopped(pid);
                assertThat(ProcessState.of(pid).fds()).containsOnlyKeys(0, 1, 2, kept.writeEnd(),
                        closedOnExec.readEnd());
                assertThat(posix.stat("/proc/" + pid + "/fd/" + kept.writeEnd()))
                        .matches(posix.fstat(kept.writeEnd())::isSameFileAs);
            } finally {
                Programs.end(pid);
            }
        } finally {
            for (Posix.Pipe pipe : new Posix.Pipe[]{kept, closedOnExec, other}) {
                posix.close(pipe.readEnd());
                posix.close(pipe.writeEnd());
            }
        }
    }

    @Test
    void kept_descriptor_that_is_not_open_fails_with_EBADF() {
        Posix.Pipe pipe = posix.pipe2(Set.of(OpenFlag.O_CLOEXEC));
        posix.close(pipe.readEnd());
        try (var run = DaemonSteps.classic().keepOpen(pipe.writeEnd() + 1000).start()) {
            StepReport report = run.runRemaining().getLast();
            assertThat(report.step()).isEqualTo(StepName.CLOSE);
            assertThat(report.outcome()).isEqualTo(new StepOutcome.Failed(
                    "fcntl(" + (pipe.writeEnd() + 1000) + ", F_SETFD, 0)", Errno.EBADF,
                    "Bad file descriptor"));
            assertThat(report.after().fds()).as("nothing was closed").isEqualTo(report.before().fds());
        } finally {
            posix.close(pipe.writeEnd());
        }
    }

    @Test
    void kept_control_descriptor_fails_with_EBADF() {
        try (var process = ForkedProcess.fork()) {
            var kept = new TreeSet<>(Set.of(process.controlFd()));
            assertThat(new CloseDescriptors(kept).run(process).outcome()).isEqualTo(new StepOutcome.Failed(
                    "fcntl(" + process.controlFd() + ", F_SETFD, 0)", Errno.EBADF, Errno.EBADF.text()));
        }
    }

    @Test
    void standard_descriptor_cannot_be_kept() {
        assertThatThrownBy(() -> DaemonSteps.classic().keepOpen(5, 2))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("only descriptors above 2 can be kept, not 2");
    }
}
