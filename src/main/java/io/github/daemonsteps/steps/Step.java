package io.github.daemonsteps.steps;

import io.github.daemonsteps.DaemonRun;
import io.github.daemonsteps.DaemonSteps;
import io.github.daemonsteps.posix.ForkedProcess;
import io.github.daemonsteps.process.ProcessInspector;
import java.util.List;

/**
 * A step that a forked process takes after {@link Fork} has created the process. Steps are values. A step can
 * be taken on any forked process, in any state, any number of times.
 *
 * <p>Write a step of your own for anything else a daemon needs, such as a niceness or a resource limit. Add
 * the step by {@link DaemonSteps#add} or {@link io.github.daemonsteps.daemon.Daemon#addStep}. The step makes
 * its calls through the {@linkplain StepContext#process process}. The step then checks their effect by what
 * the kernel reports, as the library's own steps do.
 *
 * <p>An exception that {@link #perform} does not declare is a bug in the step. The exception is thrown to the
 * caller. A start then kills the process, and so does the {@linkplain DaemonRun#close end} of a run.
 */
public interface Step {

    /** Returns the name of the step in reports. */
    StepName name();

    /** Returns what the step does, in half a line. */
    String description();

    /** Returns why the step is taken, in half a line. */
    String rationale();

    /**
     * Returns the calls that the step makes, in C. A value that is not known yet has a name in capitals:
     * {@code PID}.
     */
    List<String> plan();

    /**
     * Takes the step, and checks its effect by what the kernel reports.
     *
     * @param context the process, its state before the step, and its state now
     * @return the outcome
     * @throws io.github.daemonsteps.posix.PosixException if a call fails: the step has failed
     * @throws io.github.daemonsteps.posix.ForkedProcessException if the process has ended: the step has
     *        failed
     */
    StepOutcome perform(StepContext context);

    /**
     * Takes this step alone, and returns its report. A failure is in the report.
     *
     * @param process the process that takes the step
     * @return the report
     */
    default StepReport run(ForkedProcess process) {
        return run(new StepContext(process, ProcessInspector.ofThisSystem()));
    }

    /**
     * Takes this step in a context, and returns its report. A failure is in the report.
     *
     * @param context the context of the step
     * @return the report
     */
    default StepReport run(StepContext context) {
        return context.report(this);
    }
}
