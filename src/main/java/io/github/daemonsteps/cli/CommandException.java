package io.github.daemonsteps.cli;

/** The command could not do what it was asked for. The message is one line. */
final class CommandException extends RuntimeException {

    private static final long serialVersionUID = 1;

    CommandException(String message) {
        super(message);
    }
}
