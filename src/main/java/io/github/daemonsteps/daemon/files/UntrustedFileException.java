package io.github.daemonsteps.daemon.files;

import io.github.daemonsteps.posix.Errno;
import java.io.IOException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A file that somebody who is not trusted may have put where it is; or the way to it leads nowhere. The message is one
 * line.
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

    /** That of the call that failed, if one did. */
    @Nullable
    public Errno errno() {
        return errno;
    }

    @Override
    public String getMessage() {
        return Objects.requireNonNull(super.getMessage());
    }
}
