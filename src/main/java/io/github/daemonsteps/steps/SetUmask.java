package io.github.daemonsteps.steps;

import io.github.daemonsteps.posix.FileMode;
import io.github.daemonsteps.posix.Posix;
import java.util.List;

/**
 * Step 5: umask, the permissions that new files do not get. With 0 the daemon has full control over the
 * permissions of its files. The daemon must then set them itself. The step is optional.
 *
 * @param mask the mask, at most 0777
 * @see <a href="https://man7.org/linux/man-pages/man2/umask.2.html">umask(2)</a>
 */
public record SetUmask(FileMode mask) implements Step {

    /** @throws IllegalArgumentException if the mask has other bits than permission bits */
    public SetUmask {
        if (mask.bits() > 0777) {
            throw new IllegalArgumentException("a umask must be at most 0777, not " + mask);
        }
    }

    @Override
    public StepName name() {
        return StepName.UMASK;
    }

    @Override
    public String description() {
        return "set the file mode creation mask";
    }

    @Override
    public String rationale() {
        return "permissions do not depend on the launcher; this step is optional";
    }

    @Override
    public List<String> plan() {
        return List.of("umask(" + mask + ")");
    }

    @Override
    public StepOutcome perform(StepContext context) {
        FileMode old = context.process().umask(mask);
        FileMode now = context.now().umask();
        if (now == null) {
            now = current(context.process());
        }
        return outcome(old, now);
    }

    /**
     * Sets the umask of any process, this one too.
     *
     * @param process the process
     * @return the outcome
     */
    public StepOutcome of(Posix process) {
        return outcome(process.umask(mask), current(process));
    }

    /** Sets the mask again, since umask(2) returns the previous mask. */
    private FileMode current(Posix process) {
        return process.umask(mask);
    }

    private StepOutcome outcome(FileMode old, FileMode now) {
        if (!now.equals(mask)) {
            return new StepOutcome.Failed("umask(" + mask + ")", null, "the umask is " + now);
        }
        return new StepOutcome.Done(
                old.equals(now) ? "umask " + now + ", as before" : "umask " + now + ", was " + old);
    }
}
