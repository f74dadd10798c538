package io.github.daemonsteps.steps;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daemonsteps.DaemonSteps;
import io.github.daemonsteps.posix.FileMode;
import io.github.daemonsteps.posix.ForkedProcess;
import io.github.daemonsteps.posix.Processes;
import io.github.daemonsteps.posix.Signal;
import io.github.daemonsteps.posix.SignalDisposition;
import io.github.daemonsteps.process.ProcessState;
import io.github.daemonsteps.steps.extra.IgnoreHangup;
import io.github.daemonsteps.steps.extra.NoCoreDumps;
import io.github.daemonsteps.steps.extra.NoNewPrivileges;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Each step is independent: it runs in any order, alone, and again. */
class StepsAloneIT {

    static final List<Step> STEPS =
            List.of(new StartSession(), new ForkAgain(), new ChangeDirectory(Path.of("/")),
                    new SetUmask(FileMode.of(027)), new CloseDescriptors(), new ReopenStandardDescriptors(),
                    new IgnoreHangup(), new NoNewPrivileges(), new NoCoreDumps());

    @ParameterizedTest
    @FieldSource("STEPS")
    void single_step_changes_nothing_else(Step step) {
        try (var process = ForkedProcess.fork()) {
            process.getpid(); // the process has closed the launcher's end of its control socket by now
            process.signal(Signal.SIGHUP, SignalDisposition.SIG_DFL); // nohup(1) may run the tests
            StepReport report = step.run(process);
            assertThat(report.outcome()).isInstanceOf(StepOutcome.Done.class);
            assertThat(report.step()).isEqualTo(step.name());
            ProcessState before = report.before();
            ProcessState after = report.after();
            assertThat(after).isEqualTo(ProcessState.of(process.pid()));
            assertThat(changes(before, after)).isEqualTo(switch (step) {
                case StartSession s -> List.of("session");
                case ForkAgain s -> List.of("process");
                case ChangeDirectory s -> List.of("directory");
                case SetUmask s -> List.of("umask");
                case CloseDescriptors s -> List.of("descriptors");
                case ReopenStandardDescriptors s -> List.of("descriptors");
                case IgnoreHangup s -> List.of("signals");
                case NoNewPrivileges s -> List.of();
                case NoCoreDumps s -> List.of();
                default -> throw new AssertionError(step);
            });
        }
    }

    private static List<String> changes(ProcessState before, ProcessState after) {
        var changes = new ArrayList<String>();
        if (before.pid() != after.pid() || !Objects.equals(before.ppid(), after.ppid())) {
            changes.add("process");
        }
        if (!Objects.equals(before.sid(), after.sid()) || !Objects.equals(before.pgid(), after.pgid())
                || !Objects.equals(before.terminal(), after.terminal())) {
            changes.add("session");
        }
        if (!before.cwd().equals(after.cwd())) {
            changes.add("directory");
        }
        if (!before.umask().equals(after.umask())) {
            changes.add("umask");
        }
        if (!before.fds().equals(after.fds())) {
            changes.add("descriptors");
        }
        if (!before.ignored().equals(after.ignored()) || !before.blocked().equals(after.blocked())) {
            changes.add("signals");
        }
        assertThat(after.uid()).isEqualTo(before.uid());
        assertThat(after.gid()).isEqualTo(before.gid());
        assertThat(after.groups()).isEqualTo(before.groups());
        return changes;
    }

    @Test
    void steps_can_be_repeated_and_setsid_after_a_fork() {
        try (var process = ForkedProcess.fork()) {
            for (int round = 0; round < 2; round++) {
                for (Step step : STEPS) {
                    assertThat(step.run(process).outcome()).as("%s, round %s", step, round)
                            .isInstanceOf(StepOutcome.Done.class);
                }
            }
        }
    }

    @Test
    void steps_can_be_taken_in_the_opposite_order() {
        try (var process = ForkedProcess.fork()) {
            for (Step step : STEPS.reversed()) {
                // CLOSE comes after REOPEN here and closes what REOPEN has opened.
                assertThat(step.run(process).outcome()).as("%s", step).isInstanceOf(StepOutcome.Done.class);
            }
            assertThat(ProcessState.of(process.pid()).isSessionLeader()).isTrue();
            assertThat(ProcessState.of(process.pid()).fds()).containsOnlyKeys(process.controlFd());
        }
    }

    @Test
    void second_close_closes_nothing() {
        try (var process = ForkedProcess.fork()) {
            new CloseDescriptors().run(process);
            assertThat(new CloseDescriptors().run(process).outcome()).isInstanceOfSatisfying(
                    StepOutcome.Done.class, done -> assertThat(done.note()).startsWith("closed 0; "));
        }
    }

    @Test
    void step_on_a_killed_process_fails_without_an_exception() {
        try (var process = ForkedProcess.fork()) {
            int pid = process.pid();
            Processes.signal(pid, Signal.SIGKILL);
            assertThat(new ChangeDirectory(Path.of("/")).run(process).outcome())
                    .isEqualTo(new StepOutcome.Failed("CHDIR",
                            null, "chdir(\"/\"): the forked process " + pid + " was killed by SIGKILL"));
        }
    }

    @Test
    void unfinished_run_leaves_nothing() {
        for (int taken = 1; taken <= 7; taken++) {
            int pid;
            try (var run = DaemonSteps.classic().start()) {
                var steps = run.iterator();
                for (int i = 0; i < taken; i++) {
                    assertThat(steps.next().outcome()).isInstanceOf(StepOutcome.Done.class);
                }
                pid = run.process().pid();
                assertThat(Processes.hasEnded(pid)).isFalse();
            }
            assertThat(Processes.hasEnded(pid)).isTrue();
        }
    }
}
