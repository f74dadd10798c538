package io.github.daemonsteps.testkit;

import io.github.daemonsteps.DaemonRun;
import io.github.daemonsteps.daemon.StartResult;
import io.github.daemonsteps.process.ProcessState;
import io.github.daemonsteps.steps.StepReport;

/**
 * The entry to the assertions of this kit. Import {@code assertThat} statically from this class and from
 * AssertJ's {@code Assertions}: the compiler chooses by the type.
 *
 * <pre>{@code
 * try (var run = DaemonSteps.classic().start()) {
 *     run.runRemaining();
 *     assertThat(run).isComplete().process().isProperDaemonBeforeExec(run.process().controlFd());
 * }
 * }</pre>
 *
 * <p>The message of a failed assertion names the fact that differs, both values, and what the difference
 * means.
 */
public final class DaemonAssertions {

    private DaemonAssertions() {
    }

    /**
     * Creates an assertion on the state of a process.
     *
     * @param actual the state to check
     */
    public static ProcessStateAssert assertThat(ProcessState actual) {
        return new ProcessStateAssert(actual);
    }

    /**
     * Creates an assertion on the report of a step.
     *
     * @param actual the report to check
     */
    public static StepReportAssert assertThat(StepReport actual) {
        return new StepReportAssert(actual);
    }

    /**
     * Creates an assertion on the result of a start.
     *
     * @param actual the result to check
     */
    public static StartResultAssert assertThat(StartResult actual) {
        return new StartResultAssert(actual);
    }

    /**
     * Creates an assertion on a run of steps. The assertion takes no step.
     *
     * @param actual the run to check
     */
    public static DaemonRunAssert assertThat(DaemonRun actual) {
        return new DaemonRunAssert(actual);
    }
}
