package io.github.daemonsteps.testkit;

import io.github.daemonsteps.steps.Step;
import io.github.daemonsteps.steps.StepContext;
import io.github.daemonsteps.steps.StepName;
import io.github.daemonsteps.steps.StepOutcome;
import java.util.List;

/** A step of a user: sets the niceness, from -20 to 19. */
record NicenessStep(int value) implements Step {

    @Override
    public StepName name() {
        return new StepName("NICE");
    }

    @Override
    public String description() {
        return "set the niceness to " + value;
    }

    @Override
    public String rationale() {
        return "leaves the processor to other programs";
    }

    @Override
    public List<String> plan() {
        return List.of("setpriority(PRIO_PROCESS, 0, " + value + ")", "getpriority(PRIO_PROCESS, 0)");
    }

    @Override
    public StepOutcome perform(StepContext context) {
        context.process().setpriority(value);
        int now = context.process().getpriority();
        return now == value
                ? new StepOutcome.Done("niceness " + now)
                : new StepOutcome.Failed("setpriority", null, "the niceness is " + now);
    }
}
