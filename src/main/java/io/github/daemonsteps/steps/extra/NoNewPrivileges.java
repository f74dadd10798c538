package io.github.daemonsteps.steps.extra;

import io.github.daemonsteps.posix.Credentials;
import io.github.daemonsteps.steps.Step;
import io.github.daemonsteps.steps.StepContext;
import io.github.daemonsteps.steps.StepName;
import io.github.daemonsteps.steps.StepOutcome;
import java.util.List;

/**
 * Behind the seven: set-user-ID programs and file capabilities have no effect any more, for the process and for all
 * that it starts. For good.
 *
 * @see <a href="https://man7.org/linux/man-pages/man2/PR_SET_NO_NEW_PRIVS.2const.html">PR_SET_NO_NEW_PRIVS(2const)</a>
 */
public record NoNewPrivileges() implements Step {

    @Override
    public StepName name() {
        return StepName.NO_NEW_PRIVS;
    }

    @Override
    public String description() {
        return "forbid new privileges";
    }

    @Override
    public String rationale() {
        return "no program that the process executes gets more rights than the process";
    }

    @Override
    public List<String> plan() {
        return List.of("prctl(PR_SET_NO_NEW_PRIVS, 1)", "prctl(PR_GET_NO_NEW_PRIVS)");
    }

    @Override
    public StepOutcome perform(StepContext context) {
        return of(context.process());
    }

    /** The same for a process, or for the calling thread of this one and what it executes. */
    public static StepOutcome of(Credentials process) {
        process.setNoNewPrivs();
        return process.hasNoNewPrivs()
                ? new StepOutcome.Done("no new privileges")
                : new StepOutcome.Failed("prctl(PR_SET_NO_NEW_PRIVS, 1)", null, "no_new_privs is not set");
    }
}
