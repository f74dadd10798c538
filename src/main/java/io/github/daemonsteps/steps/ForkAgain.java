package io.github.daemonsteps.steps;

import io.github.daemonsteps.posix.ForkedProcess;
import io.github.daemonsteps.process.ProcessState;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Step 3: fork again, and the session leader exits. A process that does not lead a session can never get a
 * controlling terminal. Its parent is then process 1, or the nearest subreaper.
 *
 * <p>The leader can stay for a while. Only the parent learns how the daemon ends, so a staying leader can
 * report an early exit. The leader then exits on request.
 *
 * @param staying receives a staying session leader, and must end it; null if the leader exits at once
 * @see <a href="https://man7.org/linux/man-pages/man2/fork.2.html">fork(2)</a>
 */
public record ForkAgain(@Nullable Consumer<ForkedProcess> staying) implements Step {

    /** Creates a step in which the session leader exits at once. */
    public ForkAgain() {
        this(null);
    }

    @Override
    public StepName name() {
        return StepName.FORK_AGAIN;
    }

    @Override
    public String description() {
        return "fork again, so that the session leader can exit";
    }

    @Override
    public String rationale() {
        return "only a leader can take a controlling terminal again";
    }

    @Override
    public List<String> plan() {
        return List.of("fork()", "getpid()");
    }

    @Override
    public StepOutcome perform(StepContext context) {
        ForkedProcess process = context.process();
        ProcessState before = context.before();
        int parent = process.pid();
        int child = fork(process);
        int answer = process.getpid();
        if (answer != child) {
            return new StepOutcome.Failed("getpid()", null,
                    "getpid in the child returned " + answer + ", but fork returned " + child);
        }
        ProcessState now = context.now();
        int sid = now.sid() == null ? process.getsid(0) : now.sid();
        if (before.sid() != null && sid != before.sid()) {
            return new StepOutcome.Failed("fork()", null,
                    "process " + child + " is in session " + sid + ", and should have stayed in "
                            + before.sid());
        }
        if (sid == child) {
            return new StepOutcome.Failed("fork()", null,
                    "process " + child + " leads its session, and should not");
        }
        int ppid = now.ppid() == null ? process.getppid() : now.ppid();
        if (ppid == parent && staying == null) {
            return new StepOutcome.Failed("fork()", null,
                    "the session leader " + parent + " is still the parent, and should have exited");
        }
        return new StepOutcome.Done(
                "process " + child + ", in session " + sid + " without leading it; parent "
                        + ppid
                        + (staying == null ? "" : ", the leader, which stays until the daemon is ready"));
    }

    private int fork(ForkedProcess process) {
        if (staying == null) {
            return process.forkExitingParent();
        }
        staying.accept(process.forkKeepingParent());
        return process.pid();
    }
}
