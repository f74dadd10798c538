package io.github.daemonsteps.steps;

import io.github.daemonsteps.posix.Errno;
import io.github.daemonsteps.posix.ForkedProcess;
import io.github.daemonsteps.posix.PosixException;
import io.github.daemonsteps.process.ProcessState;
import java.util.List;

/**
 * Step 2: setsid. The process becomes leader of a new session and of a new process group. The new session has
 * no controlling terminal.
 *
 * <p>The process must not lead a process group already. The other members of that group would stay in the old
 * session.
 *
 * @see <a href="https://man7.org/linux/man-pages/man2/setsid.2.html">setsid(2)</a>
 */
public record StartSession() implements Step {

    @Override
    public StepName name() {
        return StepName.SETSID;
    }

    @Override
    public String description() {
        return "become leader of a new session and group";
    }

    @Override
    public String rationale() {
        return "a new session has no controlling terminal";
    }

    @Override
    public List<String> plan() {
        return List.of("setsid()");
    }

    @Override
    public StepOutcome perform(StepContext context) {
        ForkedProcess process = context.process();
        try {
            process.setsid();
        } catch (PosixException e) {
            if (e.errno().equals(Errno.EPERM) && context.before().isGroupLeader()) {
                return new StepOutcome.Failed(e.call().text(), e.errno(),
                        e.errno().text() + ": process " + process.pid()
                                + " leads a process group; fork first");
            }
            throw e;
        }
        ProcessState now = context.now();
        int sid = now.sid() == null ? process.getsid(0) : now.sid();
        int pgid = now.pgid() == null ? process.getpgid(0) : now.pgid();
        if (sid != process.pid() || pgid != process.pid()) {
            return new StepOutcome.Failed("setsid()", null,
                    "process " + process.pid() + " is in session " + sid + " and group " + pgid
                            + ", and should lead both");
        }
        if (now.hasControllingTerminal()) {
            return new StepOutcome.Failed("setsid()", null,
                    "the new session has the controlling terminal " + now.tty());
        }
        return new StepOutcome.Done("leads session and group " + sid + ", no controlling terminal");
    }
}
