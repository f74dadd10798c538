package io.github.daemonsteps;

import io.github.daemonsteps.posix.ForkedProcess;
import java.util.List;

/**
 * A step that a forked process takes, after {@link Fork} has made it. Each is a value: it says what to do,
 * and can do it to any such process, in whatever state that is, as often as you like.
 */
public sealed interface Step
        permits StartSession, ForkAgain, ChangeDirectory, SetUmask, CloseDescriptors,
        ReopenStandardDescriptors, ChangeUser, ForbidNewPrivileges, ForbidCoreDumps, IgnoreHangup, Exec {

    /** Its name in reports. */
    StepName name();

    /** The calls it is going to make, as C would have them. What is known only then is named: {@code PID}. */
    List<String> plan();

    /**
     * Takes the step and checks its effect by what the kernel says.
     *
     * @throws io.github.daemonsteps.posix.PosixException if a call fails
     * @throws io.github.daemonsteps.posix.ForkedProcessException if the process has ended
     */
    Outcome perform(StepContext context);

    /** Takes this step alone, and reports. Nothing is thrown: what goes wrong stands in the report. */
    default StepReport run(ForkedProcess process) {
        return StepRunner.run(this, process, Kernel.running());
    }
}
