package io.github.daemonsteps.daemon.files;

import io.github.daemonsteps.posix.Errno;
import java.io.IOException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The exception of a file that an untrusted user may have put there, or whose path cannot be resolved. The
 * message is one line.
 */
public final class UntrustedFileException extends IOException {

    private static final long serialVersionUID = 1;

    private final transient @Nullable Errno errno;

    public UntrustedFileException(String message) {
        this(message, null);
    }

    public UntrustedFileException(String message, @Nullable Errno errno) {
        super(message);
        this.errno = errno;
    }

    /** Returns the errno of the call that failed, or null if no call failed. */
    @Nullable
    public Errno errno() {
        return errno;
    }

    @Override
    public String getMessage() {
        return Objects.requireNonNull(super.getMessage());
    }
}
