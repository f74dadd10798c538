package io.github.daemonsteps.testkit;

import static io.github.daemonsteps.testkit.DaemonAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.daemonsteps.posix.Errno;
import io.github.daemonsteps.posix.PosixCall;
import io.github.daemonsteps.posix.Signal;
import io.github.daemonsteps.posix.SignalSet;
import io.github.daemonsteps.process.ProcessState;
import io.github.daemonsteps.steps.StepName;
import io.github.daemonsteps.steps.StepOutcome;
import io.github.daemonsteps.steps.StepReport;
import java.lang.reflect.RecordComponent;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class StepReportAssertTest {

    private static final ProcessState STATE = new StateBuilder().build();

    private static final StepOutcome DONE = new StepOutcome.Done("in /");
    private static final StepOutcome SKIPPED = new StepOutcome.Skipped("left out");
    private static final StepOutcome FAILED =
            new StepOutcome.Failed("chdir(\"/nope\")", Errno.ENOENT, "No such file or directory");
    private static final StepOutcome WITHOUT_EFFECT =
            new StepOutcome.Failed("chdir(\"/nope\")", null, "the directory is /");

    private static final PosixCall CHDIR = new PosixCall("chdir", List.of("\"/\""), "0", null);
    private static final PosixCall STAT = new PosixCall("stat", List.of("\".\""), "0", null);

    private static StepReport report(StepOutcome outcome) {
        return new StepReport(StepName.CHDIR, List.of(CHDIR, STAT), STATE, STATE, outcome);
    }

    private static StepReport change(StateBuilder before, StateBuilder after) {
        return new StepReport(StepName.SETSID, List.of(), before.build(), after.build(), DONE);
    }

    private static String failure(StepReport report, Consumer<StepReportAssert> assertion) {
        return FailureMessage.of(() -> assertion.accept(assertThat(report)));
    }

    @Test
    void failed_step_is_not_done() {
        assertThat(report(DONE)).isDone();
        assertThat(failure(report(FAILED), StepReportAssert::isDone))
                .isEqualTo("expected step CHDIR to be done, but"
                        + " it failed: chdir(\"/nope\"): No such file or directory (ENOENT, 2)");
    }

    @Test
    void done_step_is_not_skipped() {
        assertThat(report(SKIPPED)).isSkipped();
        assertThat(failure(report(DONE), StepReportAssert::isSkipped))
                .isEqualTo("expected step CHDIR to be skipped, but it is done: in /");
    }

    @Test
    void skipped_step_has_not_failed() {
        assertThat(report(FAILED)).hasFailed();
        assertThat(failure(report(SKIPPED), StepReportAssert::hasFailed))
                .isEqualTo("expected step CHDIR to fail, but it was skipped: left out");
    }

    @Test
    void other_errno_fails_with_both() {
        assertThat(report(FAILED)).failedWith(Errno.ENOENT);
        assertThat(failure(report(FAILED), step -> step.failedWith(Errno.EACCES)))
                .isEqualTo("expected step CHDIR to"
                        + " fail with EACCES, but it failed: chdir(\"/nope\"): No such file or directory (ENOENT, 2)");
    }

    @Test
    void missing_errno_fails() {
        assertThat(failure(report(WITHOUT_EFFECT), step -> step.failedWith(Errno.EACCES)))
                .isEqualTo("expected step"
                        + " CHDIR to fail with EACCES, but it failed: chdir(\"/nope\"): the directory is /");
    }

    @Test
    void failure_of_another_call_fails_with_that_call() {
        assertThat(report(FAILED)).failedAt("chdir").failedAt("chdir(\"/nope\")");
        assertThat(failure(report(FAILED), step -> step.failedAt("stat")))
                .isEqualTo("expected step CHDIR to fail at"
                        + " stat, but it failed: chdir(\"/nope\"): No such file or directory (ENOENT, 2)");
    }

    @Test
    void other_call_fails_with_its_position() {
        assertThat(report(DONE)).made("chdir", "stat");
        assertThat(failure(report(DONE), step -> step.made("chdir", "fstat")))
                .isEqualTo("expected step CHDIR to make"
                        + " the calls [chdir, fstat], but it made [chdir, stat]: call 2 is stat(\".\") = 0");
    }

    @Test
    void missing_call_fails_with_its_name() {
        assertThat(failure(report(DONE), step -> step.made("chdir", "stat", "open")))
                .isEqualTo("expected step CHDIR"
                        + " to make the calls [chdir, stat, open], but it made [chdir, stat]: call 3, open, is missing");
    }

    @Test
    void further_call_fails_with_its_text() {
        assertThat(failure(report(DONE), step -> step.made("chdir")))
                .isEqualTo("expected step CHDIR to make the"
                        + " calls [chdir], but it made [chdir, stat]: call 2 is stat(\".\") = 0");
    }

    @Test
    void call_with_other_arguments_fails_with_all_calls() {
        assertThat(report(DONE)).madeCall("chdir(\"/\")").madeCall("stat(\".\") = 0");
        assertThat(failure(report(DONE), step -> step.madeCall("chdir(\"/srv\")")))
                .isEqualTo("expected step CHDIR to"
                        + " make a call that begins with chdir(\"/srv\"), but it made chdir(\"/\") = 0, stat(\".\") = 0");
    }

    @Test
    void call_of_a_step_without_calls_fails() {
        StepReport report = change(new StateBuilder(), new StateBuilder());
        assertThat(report).made();
        assertThat(failure(report, step -> step.madeCall("setsid()")))
                .isEqualTo("expected step SETSID to make a call"
                        + " that begins with setsid(), but it did not make a call");
    }

    @Test
    void component_that_may_change_is_accepted() {
        StepReport report = change(new StateBuilder().sid(40), new StateBuilder());
        assertThat(report).changedOnly("sid").changedOnly("sid", "pgid", "tty");
    }

    @Test
    void unexpected_change_fails_with_both_values() {
        StepReport report = change(new StateBuilder().sid(40).terminal(0x8803, "/dev/pts/3").umask(027),
                new StateBuilder().ignored(SignalSet.of(Signal.SIGHUP)));
        assertThat(failure(report, step -> step.changedOnly("sid", "pgid"))).isEqualTo("""
                expected step SETSID to change only sid, pgid, but it also changed:
                  - terminal: 34819 -> 0
                  - tty: /dev/pts/3 -> unknown
                  - umask: 0027 -> 0022
                  - ignored: {} -> {SIGHUP}""");
    }

    @Test
    void changed_descriptors_fail_with_the_difference_alone() {
        StepReport report = change(new StateBuilder().open(3, "/same").open(5, "/a").open(6, "/b"),
                new StateBuilder().open(3, "/same").open(6, "/c").open(9, "pipe:[1]"));
        assertThat(failure(report, step -> step.changedNothing())).isEqualTo("""
                expected step SETSID not to change anything, but it changed:
                  - fds: opened 9 (pipe:[1]); closed 5 (/a); changed 6 (/b -> /c)""");
    }

    @Test
    void hidden_descriptors_fail_with_their_number() {
        StepReport report = change(new StateBuilder(), new StateBuilder().hiddenDescriptors());
        assertThat(failure(report, step -> step.changedOnly("sid"))).isEqualTo("""
                expected step SETSID to change only sid, but it also changed:
                  - fds: 3 open -> unknown""");
    }

    @Test
    void unchanged_process_is_accepted() {
        assertThat(report(DONE)).changedNothing();
    }

    @Test
    void unknown_component_is_rejected() {
        assertThatIllegalArgumentException().isThrownBy(() -> assertThat(report(DONE)).changedOnly("session"))
                .withMessage(
                        "component 'session' of a process: unknown; name one of [pid, ppid, pgid, sid, terminal,"
                                + " tty, cwd, umask, fds, uid, gid, groups, blocked, ignored, caught]");
    }

    @Test
    void components_are_those_of_a_process_state() {
        assertThat(StateChanges.names()).isEqualTo(
                Stream.of(ProcessState.class.getRecordComponents()).map(RecordComponent::getName).toList());
    }

    @Test
    void state_before_and_after_fail_with_the_moment() {
        StepReport report = change(new StateBuilder().sid(40), new StateBuilder());
        assertThat(report).before().hasSession(40);
        assertThat(report).after().hasSession(4700);
        assertThat(failure(report, step -> step.before().hasSession(1)))
                .isEqualTo("[before SETSID] expected process"
                        + " 4711 to be in session 1, but its sid is 40: two sessions never share a controlling terminal");
        assertThat(failure(report, step -> step.as("100 %").after().hasSession(1)))
                .isEqualTo("[100 %, after SETSID]"
                        + " expected process 4711 to be in session 1, but its sid is 4700: two sessions never share a"
                        + " controlling terminal");
    }

    @Test
    void description_is_in_the_message() {
        assertThat(failure(report(DONE), step -> step.as("first run").isSkipped()))
                .isEqualTo("[first run] expected step CHDIR to be skipped, but it is done: in /");
    }
}
