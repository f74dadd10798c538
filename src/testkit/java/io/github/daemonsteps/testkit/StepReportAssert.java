package io.github.daemonsteps.testkit;

import io.github.daemonsteps.posix.Errno;
import io.github.daemonsteps.posix.PosixCall;
import io.github.daemonsteps.process.ProcessState;
import io.github.daemonsteps.steps.StepOutcome;
import io.github.daemonsteps.steps.StepReport;
import java.util.List;
import java.util.Set;
import org.assertj.core.api.AbstractAssert;

/** Assertions on the report of a step: its outcome, its calls, and what the step has changed. */
public final class StepReportAssert extends AbstractAssert<StepReportAssert, StepReport> {

    StepReportAssert(StepReport actual) {
        super(actual, StepReportAssert.class);
    }

    /** Verifies that the step was taken, and that the kernel confirms its effect. */
    public StepReportAssert isDone() {
        return expect("to be done", outcome() instanceof StepOutcome.Done);
    }

    /** Verifies that the step was left out, or was not needed. */
    public StepReportAssert isSkipped() {
        return expect("to be skipped", outcome() instanceof StepOutcome.Skipped);
    }

    /** Verifies that the step failed. */
    public StepReportAssert hasFailed() {
        return expect("to fail", outcome() instanceof StepOutcome.Failed);
    }

    /**
     * Verifies that a call of the step failed with this errno; see errno(3). A step whose calls succeeded
     * without their effect has failed without an errno.
     *
     * @param errno the errno
     */
    public StepReportAssert failedWith(Errno errno) {
        return expect("to fail with " + errno.name(),
                outcome() instanceof StepOutcome.Failed failed && errno.equals(failed.errno()));
    }

    /**
     * Verifies which call failed, or did not have its effect.
     *
     * @param call the name of the C function, or the beginning of the call: {@code chdir("/nope"}
     */
    public StepReportAssert failedAt(String call) {
        return expect("to fail at " + call,
                outcome() instanceof StepOutcome.Failed failed && failed.call().startsWith(call));
    }

    /**
     * Verifies that the step made exactly these calls, in this order.
     *
     * @param functions the names of the C functions; none for a step without calls
     */
    public StepReportAssert made(String... functions) {
        isNotNull();
        List<String> expected = List.of(functions);
        List<String> made = actual.calls().stream().map(PosixCall::function).toList();
        if (!made.equals(expected)) {
            fail("to make the calls [" + FailureText.list(expected) + "]",
                    "it made [" + FailureText.list(made) + "]: " + firstDifference(expected, made));
        }
        return this;
    }

    private String firstDifference(List<String> expected, List<String> made) {
        int i = 0;
        while (i < Math.min(expected.size(), made.size()) && expected.get(i).equals(made.get(i))) {
            i++;
        }
        String call = "call " + (i + 1);
        return i == made.size()
                ? call + ", " + expected.get(i) + ", is missing"
                : call + " is " + actual.calls().get(i);
    }

    /**
     * Verifies that the step made a call that begins with this text.
     *
     * @param text the beginning of the call as {@link PosixCall#toString} shows it: {@code chdir("/")}
     */
    public StepReportAssert madeCall(String text) {
        isNotNull();
        List<PosixCall> calls = actual.calls();
        if (calls.stream().noneMatch(call -> call.toString().startsWith(text))) {
            fail("to make a call that begins with " + text,
                    calls.isEmpty() ? "it did not make a call" : "it made " + FailureText.list(calls));
        }
        return this;
    }

    /**
     * Verifies that the step changed nothing else than these components of the process. A named component may
     * also be unchanged: a launcher without a terminal does not lose it.
     *
     * @param components names of components of {@link ProcessState}, such as {@code sid} and {@code fds}
     * @throws IllegalArgumentException if {@link ProcessState} does not have such a component
     */
    public StepReportAssert changedOnly(String... components) {
        List<String> allowed = List.of(components);
        for (String component : allowed) {
            if (!StateChanges.names().contains(component)) {
                throw new IllegalArgumentException(
                        "component '" + component + "' of a process: unknown; name one of "
                                + StateChanges.names());
            }
        }
        return expectChanges("to change only " + FailureText.list(allowed), "it also changed", allowed);
    }

    /** Verifies that the process is the same after the step as before. */
    public StepReportAssert changedNothing() {
        return expectChanges("not to change anything", "it changed", List.of());
    }

    private StepReportAssert expectChanges(String expectation, String verb, List<String> allowed) {
        isNotNull();
        List<String> changes = StateChanges.between(actual.before(), actual.after(), Set.copyOf(allowed));
        if (!changes.isEmpty()) {
            fail(expectation, verb + ":\n  - " + String.join("\n  - ", changes));
        }
        return this;
    }

    /** Returns an assertion on the process before the step. Before FORK this is the launcher. */
    public ProcessStateAssert before() {
        isNotNull();
        return state(actual.before(), "before ");
    }

    /** Returns an assertion on the process after the step. */
    public ProcessStateAssert after() {
        isNotNull();
        return state(actual.after(), "after ");
    }

    private ProcessStateAssert state(ProcessState state, String moment) {
        String description = descriptionText();
        return new ProcessStateAssert(state).as("%s",
                (description.isEmpty() ? "" : description + ", ") + moment
                        + actual.step());
    }

    private StepOutcome outcome() {
        isNotNull();
        return actual.outcome();
    }

    private StepReportAssert expect(String expectation, boolean holds) {
        if (!holds) {
            fail(expectation, switch (actual.outcome()) {
                case StepOutcome.Done done -> "it is done: " + done.note();
                case StepOutcome.Skipped skipped -> "it was skipped: " + skipped.why();
                case StepOutcome.Failed failed -> "it failed: " + failed;
            });
        }
        return this;
    }

    private void fail(String expectation, String fact) {
        failWithMessage("%s", "expected step " + actual.step() + " " + expectation + ", but " + fact);
    }
}
