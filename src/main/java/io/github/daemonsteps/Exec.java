package io.github.daemonsteps;

import io.github.daemonsteps.DaemonSteps.PlannedStep;
import io.github.daemonsteps.posix.ForkedProcess;
import io.github.daemonsteps.posix.Signal;
import io.github.daemonsteps.posix.SignalDisposition;
import io.github.daemonsteps.posix.SignalSet;
import io.github.daemonsteps.posix.SigprocmaskHow;
import io.github.daemonsteps.process.ProcessState;
import io.github.daemonsteps.process.Program;
import io.github.daemonsteps.steps.Step;
import io.github.daemonsteps.steps.StepContext;
import io.github.daemonsteps.steps.StepName;
import io.github.daemonsteps.steps.StepOutcome;
import java.util.List;
import java.util.SortedMap;

/**
 * The end of a run: the process becomes the daemon's program. Every signal then has the effect that a new
 * program expects.
 *
 * <p>The handlers of the launcher's JVM are still installed in its child, and every signal is blocked there.
 * So each signal first gets its default effect back, and then the mask is emptied. One more request shows
 * that the process has survived the pending signals. A SIGTERM sent during the start therefore ends the
 * start, and is not lost.
 *
 * @param program the program that the process becomes
 * @param ignored signals that the program ignores, such as SIGHUP under the nohup recipe
 * @see <a href="https://man7.org/linux/man-pages/man2/execve.2.html">execve(2)</a>
 */
record Exec(Program program, SignalSet ignored) implements Step {

    static final PlannedStep PLANNED = new PlannedStep(StepName.EXEC, "become the program",
            "the program starts with all steps done", List.of("execve(PROGRAM, ARGUMENTS, ENVIRONMENT)"),
            false);

    /** Signals whose effect cannot be changed. */
    private static final SignalSet UNCHANGEABLE = SignalSet.of(Signal.SIGKILL, Signal.SIGSTOP);

    @Override
    public StepName name() {
        return StepName.EXEC;
    }

    @Override
    public String description() {
        return PLANNED.description();
    }

    @Override
    public String rationale() {
        return PLANNED.rationale();
    }

    @Override
    public List<String> plan() {
        return PLANNED.calls();
    }

    /** Executes the program. The effect of the signal calls is checked first. */
    @Override
    public StepOutcome perform(StepContext context) {
        ForkedProcess process = context.process();
        int pid = process.pid();
        closeJvmFiles(context);
        process.signal(changed(context.before()), SignalDisposition.SIG_DFL);
        process.signal(ignored, SignalDisposition.SIG_IGN);
        process.sigprocmask(SigprocmaskHow.SIG_SETMASK, SignalSet.NONE);
        process.getpid();
        ProcessState now = context.now();
        SignalSet nowIgnored = now.ignored();
        SignalSet stillIgnored =
                new SignalSet(nowIgnored == null ? 0 : nowIgnored.bits() & ~ignored.bits());
        if (!stillIgnored.isEmpty()) {
            return new StepOutcome.Failed("signal(..., SIG_DFL)", null,
                    "signals are still ignored: " + stillIgnored);
        }
        SignalSet blocked = now.blocked();
        if (blocked != null && !blocked.isEmpty()) {
            return new StepOutcome.Failed("sigprocmask(SIG_SETMASK, {})", null,
                    "signals are still blocked: " + blocked);
        }
        process.execve(program.path(), program.arguments(), program.environment());
        return new StepOutcome.Done("process " + pid + " is " + program.path());
    }

    /**
     * Closes this JVM's own files, for a run without CLOSE. The program inherits only what the launcher has
     * inherited.
     */
    private static void closeJvmFiles(StepContext context) {
        SortedMap<Integer, String> fds = context.descriptors();
        if (fds != null) {
            List<Integer> open = context.jvmFiles(fds.keySet());
            if (!open.isEmpty()) {
                context.process().close(open);
            }
        }
    }

    /**
     * Returns the signals that do not have their default effect: the caught and the ignored ones. Returns all
     * signals if those are not known.
     */
    private SignalSet changed(ProcessState before) {
        SignalSet caught = before.caught();
        SignalSet wereIgnored = before.ignored();
        long bits = caught == null || wereIgnored == null
                ? SignalSet.ALL.bits()
                : caught.bits() | wereIgnored.bits();
        return new SignalSet(bits & ~UNCHANGEABLE.bits() & ~ignored.bits());
    }
}
