package io.github.daemonsteps.daemon;

import java.io.IOException;
import java.util.Objects;

/** A file that somebody who is not trusted may have put where it is. The message is one line. */
final class UntrustedFile extends IOException {

    private static final long serialVersionUID = 1;

    UntrustedFile(String message) {
        super(message);
    }

    @Override
    public String getMessage() {
        return Objects.requireNonNull(super.getMessage());
    }
}
