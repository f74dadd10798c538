package io.github.daemonsteps.cli;

import io.github.daemonsteps.daemon.ExitStatus;
import io.github.daemonsteps.posix.Errno;
import io.github.daemonsteps.text.IoReason;
import java.io.IOException;

/** The exception of a command that could not do its work. The message is one line. */
final class CommandException extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final int status;

    CommandException(String message) {
        this(1, message);
    }

    CommandException(int status, String message) {
        super(message);
        this.status = status;
    }

    /**
     * Returns an exception for a file that cannot be used.
     *
     * @param what the purpose and the path of the file, for people
     * @param failed the reason
     * @param advice what the user can do
     */
    static CommandException ofFile(String what, IOException failed, String advice) {
        return new CommandException(status(failed),
                what + " cannot be used: " + IoReason.withFile(failed) + "; " + advice);
    }

    /** Returns the exit status of a command that cannot use a file. */
    static int status(IOException failed) {
        return ExitStatus.ofFailure(IoReason.isDenied(failed) ? Errno.EACCES : null);
    }

    /** Returns the exit status of the command. */
    int status() {
        return status;
    }
}
