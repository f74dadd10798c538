package io.github.daemonsteps.testkit;

import io.github.daemonsteps.DaemonRun;
import io.github.daemonsteps.process.ProcessState;
import io.github.daemonsteps.steps.StepName;
import io.github.daemonsteps.steps.StepReport;
import java.util.List;
import org.assertj.core.api.AbstractAssert;

/** Assertions on a run of steps. They take no step. */
public final class DaemonRunAssert extends AbstractAssert<DaemonRunAssert, DaemonRun> {

    DaemonRunAssert(DaemonRun actual) {
        super(actual, DaemonRunAssert.class);
    }

    /**
     * Verifies that the run has taken exactly these steps until now, in this order. A skipped and a failed
     * step are among them.
     *
     * @param steps the names of the steps
     */
    public DaemonRunAssert hasTaken(StepName... steps) {
        isNotNull();
        List<StepName> expected = List.of(steps);
        List<StepName> taken = actual.reports().stream().map(StepReport::step).toList();
        if (!taken.equals(expected)) {
            fail("to have taken [" + FailureText.list(expected) + "]",
                    "it has taken [" + FailureText.list(taken) + "]"
                            + (hasFailed() ? ": " + last().message() : ""));
        }
        return this;
    }

    /**
     * Verifies that this step was the last one, and failed.
     *
     * @param step the name of the step
     */
    public DaemonRunAssert hasFailedAt(StepName step) {
        isNotNull();
        if (!hasFailed()) {
            fail("to fail at " + step, "no step has failed, and the last one taken is " + nameOfLast());
        } else if (!last().step().equals(step)) {
            fail("to fail at " + step, "it failed at " + last().message());
        }
        return this;
    }

    /**
     * Verifies that the run has taken its last step, and that no step has failed. Its process either waits or
     * has become its program. Use the assertion before {@link DaemonRun#close}, which ends the process.
     */
    public DaemonRunAssert isComplete() {
        isNotNull();
        if (hasFailed()) {
            fail("to be complete", "it failed at " + last().message());
        }
        if (actual.iterator().hasNext()) {
            fail("to be complete", "steps remain after " + nameOfLast());
        }
        if (!hasExecuted() && !hasWaitingProcess()) {
            fail("to be complete", "its process has ended before EXEC: it was killed, or the run was closed");
        }
        return this;
    }

    /** Returns an assertion on the process that takes the steps. The state is that of now. */
    public ProcessStateAssert process() {
        isNotNull();
        if (!hasProcess()) {
            fail("to have a process", "FORK has " + (actual.reports().isEmpty()
                    ? "not been taken"
                    : "failed: " + last().message()));
        }
        return new ProcessStateAssert(ProcessState.of(actual.process().pid())).as("%s", descriptionText());
    }

    /** Verifies that the process of a closed run has ended. A run without a process leaves none either. */
    public DaemonRunAssert leavesNoProcess() {
        isNotNull();
        if (hasProcess() && !ProcessState.hasEnded(actual.process().pid())) {
            fail("not to leave a process", "process " + actual.process().pid() + " still runs: "
                    + (hasExecuted() ? "it has become its program" : "the run is not closed"));
        }
        return this;
    }

    private boolean hasProcess() {
        return !actual.reports().isEmpty() && !actual.reports().getFirst().failed();
    }

    private boolean hasWaitingProcess() {
        return hasProcess() && actual.process().isAlive();
    }

    private boolean hasExecuted() {
        return !actual.reports().isEmpty() && last().step().equals(StepName.EXEC) && !last().failed();
    }

    private boolean hasFailed() {
        return !actual.reports().isEmpty() && last().failed();
    }

    private StepReport last() {
        return actual.reports().getLast();
    }

    private String nameOfLast() {
        return actual.reports().isEmpty() ? "none" : last().step().name();
    }

    private void fail(String expectation, String fact) {
        failWithMessage("%s", "expected the run " + expectation + ", but " + fact);
    }
}
