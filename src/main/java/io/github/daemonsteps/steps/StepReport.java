package io.github.daemonsteps.steps;

import io.github.daemonsteps.posix.PosixCall;
import io.github.daemonsteps.process.ProcessState;
import java.util.List;

/**
 * The report of a step: its calls and its outcome.
 *
 * @param step the name of the step
 * @param calls each call that the step made, in order
 * @param before the process before the step; before FORK the launcher
 * @param after the process after the step
 * @param outcome the outcome of the step
 */
public record StepReport(StepName step, List<PosixCall> calls, ProcessState before, ProcessState after,
        StepOutcome outcome) {

    /** Keeps an unmodifiable copy of the calls. */
    public StepReport {
        calls = List.copyOf(calls);
    }

    /** Returns the step and its outcome, in one line. */
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

    /** Returns whether the step failed. */
    public boolean failed() {
        return outcome instanceof StepOutcome.Failed;
    }
}
