package io.github.daemonsteps.steps;

import io.github.daemonsteps.posix.PosixCall;
import io.github.daemonsteps.process.ProcessState;
import java.util.List;

/**
 * What a step did and what came of it.
 *
 * @param step which step
 * @param calls each call it made, in order
 * @param before the process before it; before FORK that is the launcher
 * @param after the process after it
 * @param outcome how it went
 */
public record StepReport(StepName step, List<PosixCall> calls, ProcessState before, ProcessState after,
        StepOutcome outcome) {

    /** Keeps an unmodifiable copy of the calls. */
    public StepReport {
        calls = List.copyOf(calls);
    }

    /** Step and outcome, in one line. */
    public String message() {
        String text = outcome.toString();
        return text.startsWith(step + ": ") ? text : step + ": " + text;
    }

    /**
     * Returns this report.
     *
     * @throws StepFailedException if the step failed
     */
    public StepReport orThrow() {
        if (failed()) {
            throw new StepFailedException(this);
        }
        return this;
    }

    /** Whether it failed. */
    public boolean failed() {
        return outcome instanceof StepOutcome.Failed;
    }
}
