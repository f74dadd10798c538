package io.github.daemonsteps.steps;

import io.github.daemonsteps.posix.Errno;
import org.jspecify.annotations.Nullable;

/** How a step went. */
public sealed interface StepOutcome {

    /**
     * It was done, and the kernel says so.
     *
     * @param note what came of it, in half a line
     */
    record Done(String note) implements StepOutcome {}

    /**
     * It was not to be done.
     *
     * @param why why not
     */
    record Skipped(String why) implements StepOutcome {}

    /**
     * It failed: a call did, or every call went well and the kernel shows another effect than that of the
     * step.
     *
     * @param call the call that failed, or whose effect is missing, with its arguments
     * @param errno why the call failed, or null if it did not
     * @param text one line for people
     */
    record Failed(String call, @Nullable Errno errno, String text) implements StepOutcome {

        /** What a user searches for: {@code chdir("/nope"): No such file or directory (ENOENT, 2)}. */
        @Override
        public String toString() {
            return call + ": " + text
                    + (errno == null ? "" : " (" + errno.name() + ", " + errno.number() + ")");
        }
    }
}
