package io.github.daemonsteps.steps.extra;

import io.github.daemonsteps.posix.Privileges;
import io.github.daemonsteps.posix.Privileges.Limit;
import io.github.daemonsteps.posix.Privileges.Resource;
import io.github.daemonsteps.steps.Outcome;
import io.github.daemonsteps.steps.Step;
import io.github.daemonsteps.steps.StepContext;
import io.github.daemonsteps.steps.StepName;
import java.util.List;

/**
 * Behind the seven: the process leaves no core file, since what it has in its memory may be nobody else's business. A
 * program that takes core dumps from the kernel through a pipe (core(5)) can get one all the same, and is told the
 * limit.
 *
 * @see <a href="https://man7.org/linux/man-pages/man2/getrlimit.2.html">getrlimit(2)</a>
 */
public record ForbidCoreDumps() implements Step {

    private static final Limit NOTHING = new Limit(0, 0);

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
    public Outcome perform(StepContext context) {
        return of(context.process());
    }

    /** The same for any process, this one too. */
    public static Outcome of(Privileges process) {
        process.setrlimit(Resource.RLIMIT_CORE, NOTHING);
        Limit now = process.getrlimit(Resource.RLIMIT_CORE);
        return now.equals(NOTHING)
                ? new Outcome.Done("no core dumps")
                : new Outcome.Failed("prlimit64(0, RLIMIT_CORE, {0, 0}, NULL)", null, "the limit is " + now);
    }
}
