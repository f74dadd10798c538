package io.github.daemonsteps.daemon.start;

import io.github.daemonsteps.posix.Disposition;
import io.github.daemonsteps.posix.Signal;
import io.github.daemonsteps.steps.Outcome;
import io.github.daemonsteps.steps.StepContext;
import io.github.daemonsteps.steps.StepName;
import java.util.List;

/** After SETSID: gives SIGCHLD its default effect in the session leader, since a launcher may ignore it. */
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
    Outcome take(StepContext context) {
        context.process().signal(Signal.SIGCHLD, Disposition.SIG_DFL);
        return new Outcome.Done("the session leader can wait for its child");
    }
}
