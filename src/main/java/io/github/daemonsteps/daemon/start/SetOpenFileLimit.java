package io.github.daemonsteps.daemon.start;

import io.github.daemonsteps.posix.Credentials.Resource;
import io.github.daemonsteps.posix.Credentials.ResourceLimit;
import io.github.daemonsteps.posix.ForkedProcess;
import io.github.daemonsteps.steps.StepContext;
import io.github.daemonsteps.steps.StepName;
import io.github.daemonsteps.steps.StepOutcome;
import java.util.List;

/** The step before EXEC that sets the soft limit of open descriptors, see getrlimit(2). */
final class SetOpenFileLimit extends LifecycleStep {

    static final StepName NAME = new StepName("OPEN_FILES");

    private final long limit;

    SetOpenFileLimit(long limit) {
        super(NAME, "set the limit of open files", "a launcher may have another limit than its daemons");
        this.limit = limit;
    }

    @Override
    public List<String> plan() {
        return List.of("prlimit64(0, RLIMIT_NOFILE, NULL, ...)",
                "prlimit64(0, RLIMIT_NOFILE, {" + limit + ", HARD}, NULL)");
    }

    @Override
    StepOutcome take(StepContext context) {
        ForkedProcess process = context.process();
        long hard = process.getrlimit(Resource.RLIMIT_NOFILE).hard();
        var wanted = new ResourceLimit(limit, hard);
        process.setrlimit(Resource.RLIMIT_NOFILE, wanted);
        ResourceLimit now = process.getrlimit(Resource.RLIMIT_NOFILE);
        return now.equals(wanted)
                ? new StepOutcome.Done("at most " + limit + " open files")
                : new StepOutcome.Failed("prlimit64(0, RLIMIT_NOFILE, {" + limit + ", " + hard + "}, NULL)",
                        null,
                        "the limit is " + now);
    }
}
