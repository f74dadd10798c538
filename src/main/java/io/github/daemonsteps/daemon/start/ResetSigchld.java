package io.github.daemonsteps.daemon.start;

import io.github.daemonsteps.posix.Signal;
import io.github.daemonsteps.posix.SignalDisposition;
import io.github.daemonsteps.steps.StepContext;
import io.github.daemonsteps.steps.StepName;
import io.github.daemonsteps.steps.StepOutcome;
import java.util.List;

/**
 * The step after SETSID that gives SIGCHLD its default effect in the session leader, since a launcher may
 * ignore it.
 */
final class ResetSigchld extends LifecycleStep {

    static final StepName NAME = new StepName("SIGCHLD");

    ResetSigchld() {
        super(NAME, "give SIGCHLD its default effect",
                "where SIGCHLD is ignored, a parent does not learn how its child ends");
    }

    @Override
    public List<String> plan() {
        return List.of("signal(SIGCHLD, SIG_DFL)");
    }

    @Override
    StepOutcome take(StepContext context) {
        context.process().signal(Signal.SIGCHLD, SignalDisposition.SIG_DFL);
        return new StepOutcome.Done("the session leader can wait for its child");
    }
}
