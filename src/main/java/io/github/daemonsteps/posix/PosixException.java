package io.github.daemonsteps.posix;

import java.util.Objects;

/**
 * The failure of a C function that set errno. The message is one line:
 * {@code chdir("/nope"): No such file or directory (ENOENT, 2)}.
 */
public final class PosixException extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final transient PosixCall call;

    /**
     * Creates the exception for a failed call.
     *
     * @param call the call that failed
     * @throws IllegalArgumentException if the call did not fail
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

    /** Returns the call that failed, with its arguments. */
    public PosixCall call() {
        return call;
    }

    /** Returns the reason for the failure, see errno(3). */
    public Errno errno() {
        return Objects.requireNonNull(call.errno());
    }

    /**
     * Returns whether the errno is ENOSYS or EPERM: the kernel does not have the call, or a filter of system
     * calls, as in a container, denies it.
     */
    public boolean isCallUnavailable() {
        return errno().equals(Errno.ENOSYS) || errno().equals(Errno.EPERM);
    }
}
