package io.github.daemonsteps.daemon.start;

import io.github.daemonsteps.posix.ForkedProcess;
import io.github.daemonsteps.steps.StepContext;
import io.github.daemonsteps.steps.StepName;
import io.github.daemonsteps.steps.StepOutcome;
import java.util.List;

/**
 * The step after REOPEN that checks the logs that the process has open, before anything is written to them.
 */
public final class VerifyLogs extends LifecycleStep {

    public static final StepName NAME = new StepName("LOGS");

    /** A function that checks the logs that a process has open. */
    interface Check {
        void check(ForkedProcess process) throws StartRefusedException;
    }

    private final Check check;

    VerifyLogs(Check check) {
        super(NAME, "verify the open logs", "a path may have led to another file since it was checked");
        this.check = check;
    }

    @Override
    public List<String> plan() {
        return List.of("fstat(1)", "fstat(2)");
    }

    @Override
    StepOutcome take(StepContext context) {
        check.check(context.process());
        return new StepOutcome.Done("1 and 2 can be trusted, and neither is the pid file");
    }
}
