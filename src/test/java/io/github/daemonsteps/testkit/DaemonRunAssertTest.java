package io.github.daemonsteps.testkit;

import static io.github.daemonsteps.testkit.DaemonAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.daemonsteps.DaemonRun;
import io.github.daemonsteps.DaemonSteps;
import io.github.daemonsteps.posix.Errno;
import io.github.daemonsteps.posix.PosixCall;
import io.github.daemonsteps.posix.PosixException;
import io.github.daemonsteps.process.ProcessInspector;
import io.github.daemonsteps.process.ProcessState;
import io.github.daemonsteps.process.Program;
import io.github.daemonsteps.steps.ChangeDirectory;
import io.github.daemonsteps.steps.StartSession;
import io.github.daemonsteps.steps.StepName;
import io.github.daemonsteps.testing.Await;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** The assertions on a run, with real processes. */
class DaemonRunAssertTest {

    private static final DaemonSteps SESSION = DaemonSteps.of(new StartSession());
    private static final DaemonSteps NOWHERE = DaemonSteps.of(new ChangeDirectory(Path.of("/nope/nope")));
    private static final String FAILURE =
            "CHDIR: chdir(\"/nope/nope\"): No such file or directory (ENOENT, 2)";

    private static String failure(DaemonRun run, Consumer<DaemonRunAssert> assertion) {
        return FailureMessage.of(() -> assertion.accept(assertThat(run)));
    }

    /** Returns a run whose fork fails for lack of memory. */
    private static DaemonRun withoutMemory() {
        return SESSION.start((timeout, listener) -> {
            throw new PosixException(new PosixCall("fork", List.of(), "-1", Errno.ENOMEM));
        }, ProcessInspector.ofThisSystem());
    }

    @Test
    void classic_run_makes_a_proper_daemon() {
        try (DaemonRun run = DaemonSteps.classic().start()) {
            run.runUntil(StepName.FORK_AGAIN);
            assertThat(run).process().isOrphan().isNotSessionLeader().hasNoControllingTerminal();
            run.runRemaining();
            assertThat(run).isComplete().process().isProperDaemonBeforeExec(run.process().controlFd());
            assertThat(run).process().hasWorkingDirectory(Path.of("/")).hasUmask(0)
                    .hasOnlyDescriptors(0, 1, 2, run.process().controlFd())
                    .hasDescriptor(1, Path.of("/dev/null"));
            assertThat(run.reports().get(1)).made("setsid").changedOnly("sid", "pgid", "terminal", "tty")
                    .isDone()
                    .after().isSessionLeader().isGroupLeader();
            assertThat(run.reports().get(3)).madeCall("chdir(\"/\")").changedOnly("cwd");
        }
    }

    @Test
    void program_of_a_classic_run_is_a_proper_daemon() throws Exception {
        try (DaemonRun run = DaemonSteps.classic().start()) {
            run.runRemaining();
            run.execve(Program.of("/bin/sleep", "60"));
            try (var _ = new Running(run.process().pid())) {
                assertThat(withoutLibraries(run.process().pid())).isProperDaemon();
            }
        }
    }

    /** A program that a test has started. */
    private record Running(int pid) implements AutoCloseable {
        @Override
        public void close() {
            ProcessHandle.of(pid).ifPresent(program -> {
                program.destroyForcibly();
                program.onExit().join();
            });
        }
    }

    /** Waits until the program does not have a shared library open. */
    private static ProcessState withoutLibraries(int pid) throws Exception {
        Await.until(() -> ProcessState.of(pid).fds().size() <= 3);
        return ProcessState.of(pid);
    }

    @Test
    void other_steps_fail_with_those_taken() {
        try (DaemonRun run = SESSION.start()) {
            assertThat(run).hasTaken();
            run.runUntil(StepName.FORK);
            assertThat(run).hasTaken(StepName.FORK);
            assertThat(failure(run, steps -> steps.hasTaken(StepName.FORK, StepName.SETSID)))
                    .isEqualTo("expected the run to have taken [FORK, SETSID], but it has taken [FORK]");
        }
    }

    @Test
    void other_steps_of_a_failed_run_fail_with_the_failure() {
        try (DaemonRun run = NOWHERE.start()) {
            run.runRemaining();
            assertThat(run).hasTaken(StepName.FORK, StepName.CHDIR);
            assertThat(failure(run, steps -> steps.hasTaken(StepName.FORK, StepName.CHDIR, StepName.UMASK)))
                    .isEqualTo(
                            "expected the run to have taken [FORK, CHDIR, UMASK], but it has taken [FORK, CHDIR]: "
                                    + FAILURE);
        }
    }

    @Test
    void failure_of_another_step_fails_with_that_failure() {
        try (DaemonRun run = NOWHERE.start()) {
            assertThat(failure(run, steps -> steps.hasFailedAt(StepName.CHDIR))).isEqualTo(
                    "expected the run to fail at CHDIR, but no step has failed, and the last one taken is none");
            run.runUntil(StepName.FORK);
            assertThat(failure(run, steps -> steps.hasFailedAt(StepName.CHDIR))).isEqualTo(
                    "expected the run to fail at CHDIR, but no step has failed, and the last one taken is FORK");
            run.runRemaining();
            assertThat(run).hasFailedAt(StepName.CHDIR);
            assertThat(failure(run, steps -> steps.hasFailedAt(StepName.FORK)))
                    .isEqualTo("expected the run to fail at FORK, but it failed at " + FAILURE);
        }
    }

    @Test
    void failed_run_is_not_complete() {
        try (DaemonRun run = NOWHERE.start()) {
            run.runRemaining();
            assertThat(failure(run, DaemonRunAssert::isComplete))
                    .isEqualTo("expected the run to be complete, but it failed at " + FAILURE);
        }
    }

    @Test
    void run_with_remaining_steps_is_not_complete() {
        try (DaemonRun run = SESSION.start()) {
            run.runUntil(StepName.FORK);
            assertThat(failure(run, DaemonRunAssert::isComplete))
                    .isEqualTo("expected the run to be complete, but steps remain after FORK");
        }
    }

    @Test
    void run_that_was_closed_before_its_end_is_not_complete() {
        DaemonRun run = SESSION.start();
        run.runUntil(StepName.FORK);
        run.close();
        assertThat(failure(run, DaemonRunAssert::isComplete))
                .isEqualTo("expected the run to be complete, but its"
                        + " process has ended before EXEC: it was killed, or the run was closed");
    }

    @Test
    void process_before_fork_fails() {
        try (DaemonRun run = SESSION.start()) {
            assertThat(failure(run, DaemonRunAssert::process))
                    .isEqualTo("expected the run to have a process, but FORK has not been taken");
            run.runRemaining();
            assertThat(run).process().isSessionLeader();
            assertThat(failure(run, steps -> steps.as("100 %").process().hasEnded()))
                    .isEqualTo("[100 %] expected"
                            + " process " + run.process().pid()
                            + " to have ended, but it still runs: its files, locks and ports are in use");
        }
    }

    @Test
    void process_of_a_failed_fork_fails() {
        try (DaemonRun run = withoutMemory()) {
            run.runRemaining();
            assertThat(run).hasFailedAt(StepName.FORK).leavesNoProcess();
            assertThat(failure(run, DaemonRunAssert::process))
                    .isEqualTo("expected the run to have a process, but FORK"
                            + " has failed: FORK: fork(): Cannot allocate memory (ENOMEM, 12)");
        }
    }

    @Test
    void process_of_an_open_run_is_left() {
        DaemonRun run = DaemonSteps.classic().start();
        try (run) {
            assertThat(run).leavesNoProcess();
            run.runRemaining();
            assertThat(failure(run, DaemonRunAssert::leavesNoProcess))
                    .isEqualTo("expected the run not to leave a"
                            + " process, but process " + run.process().pid()
                            + " still runs: the run is not closed");
        }
        assertThat(run).leavesNoProcess();
    }

    @Test
    void program_of_a_closed_run_is_left() {
        try (DaemonRun run = SESSION.start()) {
            run.runRemaining();
            run.execve(Program.of("/bin/sleep", "60"));
            int pid = run.process().pid();
            try (var _ = new Running(pid)) {
                run.close();
                assertThat(run).isComplete().hasTaken(StepName.FORK, StepName.SETSID, StepName.EXEC);
                assertThat(failure(run, DaemonRunAssert::leavesNoProcess))
                        .isEqualTo("expected the run not to leave"
                                + " a process, but process " + pid
                                + " still runs: it has become its program");
            }
            assertThat(run).leavesNoProcess();
        }
    }

    @Test
    void description_is_in_the_message() {
        try (DaemonRun run = SESSION.start()) {
            assertThat(failure(run, steps -> steps.as("first run").hasTaken(StepName.FORK)))
                    .isEqualTo("[first run] expected the run to have taken [FORK], but it has taken []");
        }
    }
}
