package io.github.daemonsteps.steps;

import io.github.daemonsteps.posix.ForkedProcess;
import io.github.daemonsteps.posix.ForkedProcessException;
import io.github.daemonsteps.posix.PosixCall;
import io.github.daemonsteps.posix.PosixException;
import io.github.daemonsteps.process.ProcessInspector;
import io.github.daemonsteps.process.ProcessState;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Step 1: fork, so that the parent can return to the shell. The child has a new id and so does not lead a
 * process group.
 *
 * <p>The step runs in the launcher and creates the process that takes all other steps.
 *
 * @param callTimeout the time limit of each later request to the process
 * @see <a href="https://man7.org/linux/man-pages/man2/fork.2.html">fork(2)</a>
 */
public record Fork(Duration callTimeout) {

    /** @throws IllegalArgumentException if the time limit is not more than zero */
    public Fork {
        if (callTimeout.isNegative() || callTimeout.isZero()) {
            throw new IllegalArgumentException("a deadline must be more than zero, not " + callTimeout);
        }
    }

    /** Creates the step with the time limit {@link ForkedProcess#DEADLINE}. */
    public Fork() {
        this(ForkedProcess.DEADLINE);
    }

    /**
     * The result of the step.
     *
     * @param report the report; its state before the step is the launcher's
     * @param process the process, which the caller must close; null if none was created
     */
    public record Result(StepReport report, @Nullable ForkedProcess process) {}

    /** Returns the name of the step in reports. */
    public StepName name() {
        return StepName.FORK;
    }

    /** Returns what the step does, in half a line. */
    public String description() {
        return "fork, so that the parent can return to the shell";
    }

    /** Returns why the step is taken, in half a line. */
    public String rationale() {
        return "the child is not a process group leader: setsid would fail in a leader";
    }

    /** Returns the calls that the step makes, in C. */
    public List<String> plan() {
        return List.of("fork()", "getpid()");
    }

    /** Forks this process, and returns the result. A call that fails is in the report, and does not throw. */
    public Result run() {
        return run(ForkedProcess::fork, ProcessInspector.ofThisSystem());
    }

    /** A function that creates the process. */
    public interface Forker {

        /**
         * Creates the process.
         *
         * @param deadline the time limit of each request to the process
         * @param listener receives each call that is made
         * @return the process
         */
        ForkedProcess fork(Duration deadline, Consumer<PosixCall> listener);
    }

    /**
     * Takes the step with another fork than the real one, such as a scripted process of a test. A failure is
     * in the report.
     *
     * @param forker creates the process
     * @param kernel reports the states of the processes
     * @return the result
     */
    public Result run(Forker forker, ProcessInspector kernel) {
        var log = new CallLog();
        ProcessState launcher = kernel.state((int) ProcessHandle.current().pid());
        ForkedProcess process;
        try {
            process = forker.fork(callTimeout, log);
        } catch (PosixException e) {
            return new Result(
                    new StepReport(name(), log.calls(), launcher, launcher, StepContext.failure(e)), null);
        } catch (ForkedProcessException e) {
            return new Result(new StepReport(name(), log.calls(), launcher, launcher,
                    new StepOutcome.Failed("fork()", null, e.getMessage())), null);
        }
        StepOutcome outcome;
        try {
            outcome = check(process, launcher, kernel);
        } catch (PosixException e) {
            outcome = StepContext.failure(e);
        } catch (ForkedProcessException e) {
            outcome = new StepOutcome.Failed("fork()", null, e.getMessage());
        } catch (RuntimeException | Error e) {
            process.close();
            throw e;
        }
        log.end();
        ProcessState child = kernel.state(process.pid());
        var report = new StepReport(name(), log.calls(), launcher, child, outcome);
        if (outcome instanceof StepOutcome.Done) {
            return new Result(report, process);
        }
        process.close();
        return new Result(report, null);
    }

    private StepOutcome check(ForkedProcess process, ProcessState launcher, ProcessInspector kernel) {
        int answer = process.getpid();
        if (answer != process.pid()) {
            return new StepOutcome.Failed("getpid()", null,
                    "getpid in the child returned " + answer + ", but fork returned " + process.pid());
        }
        ProcessState child = kernel.state(process.pid());
        int pgid = child.pgid() == null ? process.getpgid(0) : child.pgid();
        if (pgid == process.pid()) {
            return new StepOutcome.Failed("fork()", null,
                    "the child leads a process group, but must be in the launcher's");
        }
        return new StepOutcome.Done(
                "process " + process.pid() + ", child of " + launcher.pid() + ", in its group " + pgid);
    }
}
