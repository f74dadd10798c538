package io.github.daemonsteps.steps;

import io.github.daemonsteps.posix.Errno;
import org.jspecify.annotations.Nullable;

/** The outcome of a step. */
public sealed interface StepOutcome {

    /**
     * The step was taken, and the kernel confirms its effect.
     *
     * @param note the result, in half a line
     */
    record Done(String note) implements StepOutcome {}

    /**
     * The step was left out, or was not needed.
     *
     * @param why the reason, in half a line
     */
    record Skipped(String why) implements StepOutcome {}

    /**
     * The step failed. Either a call failed, or every call succeeded and the kernel shows another effect than
     * that of the step.
     *
     * @param call the call that failed, or whose effect is missing, with its arguments
     * @param errno the errno of the call, or null if the call did not fail
     * @param text one line for people
     */
    record Failed(String call, @Nullable Errno errno, String text) implements StepOutcome {

        /**
         * Returns a text that a user can search for: {@code chdir("/nope"): No such file or directory
         * (ENOENT, 2)}.
         */
        @Override
        public String toString() {
            return call + ": " + text
                    + (errno == null ? "" : " (" + errno.name() + ", " + errno.number() + ")");
        }
    }
}
