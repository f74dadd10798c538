package io.github.daemonsteps.cli;

/** The command was asked wrongly. The message says what is wrong, with which value, and what to do. */
final class UsageException extends RuntimeException {

    private static final long serialVersionUID = 1;

    UsageException(String message) {
        super(message);
    }
}
