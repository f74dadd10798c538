package io.github.daemonsteps.daemon.files;

import io.github.daemonsteps.posix.Errno;
import java.io.IOException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The exception of a file that a daemon must not use: an untrusted user may have put it there, its path
 * cannot be resolved, or it is not the file that it must be. The message is one line.
 */
public class FileRefusedException extends IOException {

    private static final long serialVersionUID = 1;

    private final transient @Nullable Errno errno;

    public FileRefusedException(String message) {
        this(message, null);
    }

    public FileRefusedException(String message, @Nullable Errno errno) {
        super(message);
        this.errno = errno;
    }

    /** Returns the errno of the call that failed, or null if no call failed. */
    @Nullable
    public final Errno errno() {
        return errno;
    }

    @Override
    public final String getMessage() {
        return Objects.requireNonNull(super.getMessage());
    }
}
