package io.github.daemonsteps.posix;

import java.util.Objects;

/**
 * A failure of a forked process to answer. The process has ended, or was killed because its deadline had
 * passed. The message is one line that names the requested call and how the process ended.
 */
public final class ForkedProcessException extends RuntimeException {

    private static final long serialVersionUID = 1;

    /** Creates an exception with a message of one line. */
    public ForkedProcessException(String message) {
        super(message);
    }

    @Override
    public String getMessage() {
        return Objects.requireNonNull(super.getMessage());
    }
}
