package io.github.daemonsteps.daemon.start;

import io.github.daemonsteps.daemon.StartResult;
import io.github.daemonsteps.posix.Errno;
import io.github.daemonsteps.steps.Step;
import io.github.daemonsteps.steps.StepContext;
import io.github.daemonsteps.steps.StepName;
import io.github.daemonsteps.steps.StepOutcome;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A step that the life cycle takes besides the seven, on the process of one start. Such a step is planned,
 * reported and observed as any other. A step that fails may know the result of the whole start.
 */
abstract class LifecycleStep implements Step {

    private final StepName name;
    private final String description;
    private final String rationale;
    private @Nullable StartResult result;

    LifecycleStep(StepName name, String description, String rationale) {
        this.name = name;
        this.description = description;
        this.rationale = rationale;
    }

    /** Takes the step. */
    abstract StepOutcome take(StepContext context) throws StartRefusedException;

    @Override
    public final StepOutcome perform(StepContext context) {
        try {
            return take(context);
        } catch (StartRefusedException e) {
            result = e.result();
            Errno errno = result instanceof StartResult.Failed failed ? failed.errno() : null;
            return new StepOutcome.Failed(name.name(), errno, e.getMessage());
        }
    }

    /** Returns the result of the start that the failure of this step means; empty if the report suffices. */
    final Optional<StartResult> result() {
        return Optional.ofNullable(result);
    }

    @Override
    public final StepName name() {
        return name;
    }

    @Override
    public final String description() {
        return description;
    }

    @Override
    public final String rationale() {
        return rationale;
    }
}
