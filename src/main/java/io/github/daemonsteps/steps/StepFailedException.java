package io.github.daemonsteps.steps;

/**
 * Thrown by {@link StepReport#orThrow} for a step that failed. The message has the step, the call and the
 * errno.
 */
public final class StepFailedException extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final transient StepReport report;

    StepFailedException(StepReport report) {
        super(report.message());
        this.report = report;
    }

    /** Returns the report of the step. */
    public StepReport report() {
        return report;
    }
}
