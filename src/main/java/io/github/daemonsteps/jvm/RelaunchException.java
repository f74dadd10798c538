package io.github.daemonsteps.jvm;

/**
 * The failure to start a daemon with the command line of this JVM. The message is one line: the option, the
 * reason, and what to do. No process was started.
 */
public final class RelaunchException extends RuntimeException {

    private static final long serialVersionUID = 1;

    public RelaunchException(String message) {
        super(message);
    }
}
