package io.github.daemonsteps.cli;

/** The exception of a usage error. The message names the problem, the value and the remedy. */
final class UsageException extends RuntimeException {

    private static final long serialVersionUID = 1;

    UsageException(String message) {
        super(message);
    }
}
