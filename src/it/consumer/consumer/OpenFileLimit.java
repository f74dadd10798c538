package consumer;

import io.github.daemonsteps.Outcome;
import io.github.daemonsteps.Step;
import io.github.daemonsteps.StepContext;
import io.github.daemonsteps.StepName;
import io.github.daemonsteps.posix.Privileges.Limit;
import io.github.daemonsteps.posix.Privileges.Resource;
import java.util.List;

/** A step of an application's own: at most so many open files, checked by what the kernel reports. */
record OpenFileLimit(long most, long expected) implements Step {

    @Override
    public StepName name() {
        return new StepName("MOST_FILES");
    }

    @Override
    public String description() {
        return "limit the open files";
    }

    @Override
    public String rationale() {
        return "a leak of descriptors is found early";
    }

    @Override
    public List<String> plan() {
        return List.of("prlimit64(0, RLIMIT_NOFILE, {" + most + ", " + most + "}, NULL)");
    }

    @Override
    public Outcome perform(StepContext context) {
        context.process().setrlimit(Resource.RLIMIT_NOFILE, new Limit(most, most));
        long now = context.process().getrlimit(Resource.RLIMIT_NOFILE).soft();
        return now == expected
                ? new Outcome.Done("at most " + now)
                : new Outcome.Failed("prlimit64(0, RLIMIT_NOFILE)", null, "the limit is " + now);
    }
}
