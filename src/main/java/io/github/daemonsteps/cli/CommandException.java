package io.github.daemonsteps.cli;

/** The command could not do what it was asked for. The message is one line. */
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

    /** The exit status of the command. */
    int status() {
        return status;
    }
}
