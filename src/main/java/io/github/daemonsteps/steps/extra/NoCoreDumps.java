package io.github.daemonsteps.steps.extra;

import io.github.daemonsteps.posix.Credentials;
import io.github.daemonsteps.posix.Credentials.Resource;
import io.github.daemonsteps.posix.Credentials.ResourceLimit;
import io.github.daemonsteps.steps.Step;
import io.github.daemonsteps.steps.StepContext;
import io.github.daemonsteps.steps.StepName;
import io.github.daemonsteps.steps.StepOutcome;
import java.util.List;

/**
 * An extra step: the process leaves no core file, since its memory may hold secrets. A program that takes
 * core dumps from the kernel through a pipe (core(5)) can still get one. The kernel tells that program the
 * limit.
 *
 * @see <a href="https://man7.org/linux/man-pages/man2/getrlimit.2.html">getrlimit(2)</a>
 */
public record NoCoreDumps() implements Step {

    private static final ResourceLimit NOTHING = new ResourceLimit(0, 0);

    @Override
    public StepName name() {
        return StepName.NO_CORE;
    }

    @Override
    public String description() {
        return "forbid core dumps";
    }

    @Override
    public String rationale() {
        return "the contents of the memory are not written to a disk after a crash";
    }

    @Override
    public List<String> plan() {
        return List.of("prlimit64(0, RLIMIT_CORE, {0, 0}, NULL)", "prlimit64(0, RLIMIT_CORE, NULL, ...)");
    }

    @Override
    public StepOutcome perform(StepContext context) {
        return of(context.process());
    }

    /**
     * Forbids core dumps of any process, this one too.
     *
     * @param process the process
     * @return the outcome
     */
    public static StepOutcome of(Credentials process) {
        process.setrlimit(Resource.RLIMIT_CORE, NOTHING);
        ResourceLimit now = process.getrlimit(Resource.RLIMIT_CORE);
        return now.equals(NOTHING)
                ? new StepOutcome.Done("no core dumps")
                : new StepOutcome.Failed("prlimit64(0, RLIMIT_CORE, {0, 0}, NULL)", null,
                        "the limit is " + now);
    }
}
