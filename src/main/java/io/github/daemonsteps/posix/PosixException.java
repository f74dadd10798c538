package io.github.daemonsteps.posix;

import java.util.Objects;

/**
 * A C function failed and set errno. The message is one line: {@code chdir("/nope"): No such file or
 * directory (ENOENT, 2)}.
 */
public final class PosixException extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final transient PosixCall call;

    /**
     * The failure of {@code call}.
     *
     * @throws IllegalArgumentException if it did not fail
     */
    public PosixException(PosixCall call) {
        super(message(call));
        this.call = call;
    }

    private static String message(PosixCall call) {
        Errno errno = call.errno();
        if (errno == null) {
            throw new IllegalArgumentException("did not fail: " + call);
        }
        return call.text() + ": " + errno.text() + " (" + errno.name() + ", " + errno.number() + ")";
    }

    @Override
    public String getMessage() {
        return Objects.requireNonNull(super.getMessage());
    }

    /** The call that failed, with its arguments. */
    public PosixCall call() {
        return call;
    }

    /** Why it failed, see errno(3). */
    public Errno errno() {
        return Objects.requireNonNull(call.errno());
    }
}
