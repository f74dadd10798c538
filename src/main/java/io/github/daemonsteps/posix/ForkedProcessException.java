package io.github.daemonsteps.posix;

import java.util.Objects;

/**
 * A forked process did not answer: it has ended, or its time was up and it has been ended. The message is one
 * line that says which call it was to make and how it ended.
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
