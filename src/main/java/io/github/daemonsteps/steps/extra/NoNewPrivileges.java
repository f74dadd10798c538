package io.github.daemonsteps.steps.extra;

import io.github.daemonsteps.posix.Credentials;
import io.github.daemonsteps.steps.Step;
import io.github.daemonsteps.steps.StepContext;
import io.github.daemonsteps.steps.StepName;
import io.github.daemonsteps.steps.StepOutcome;
import java.util.List;

/**
 * An extra step: set-user-ID programs and file capabilities have no effect any more. The setting holds for
 * the process and for everything that the process starts. The setting cannot be reverted.
 *
 * @see <a href="https://man7.org/linux/man-pages/man2/PR_SET_NO_NEW_PRIVS.2const.html">
 *      PR_SET_NO_NEW_PRIVS(2const)</a>
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

    /**
     * Forbids new privileges of a process, or of the calling thread of this one and the programs that it
     * executes.
     *
     * @param process the process
     * @return the outcome
     */
    public static StepOutcome of(Credentials process) {
        process.setNoNewPrivs();
        return process.hasNoNewPrivs()
                ? new StepOutcome.Done("no new privileges")
                : new StepOutcome.Failed("prctl(PR_SET_NO_NEW_PRIVS, 1)", null, "no_new_privs is not set");
    }
}
