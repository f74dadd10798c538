package io.github.daemonsteps.jvm;

/**
 * This JVM cannot be handed over to a daemon as it was started. The message is one line: which option, why,
 * and what to do. Nothing was started.
 */
public final class RelaunchException extends RuntimeException {

    private static final long serialVersionUID = 1;

    public RelaunchException(String message) {
        super(message);
    }
}
