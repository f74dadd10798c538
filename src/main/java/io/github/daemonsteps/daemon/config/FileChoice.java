package io.github.daemonsteps.daemon.config;

/**
 * The advice in messages how to choose other files than the default ones.
 *
 * @param isApplication whether an application's own command line is used, which has no options for the files
 */
public record FileChoice(boolean isApplication) {

    /** Returns the advice to choose both files. */
    public String both() {
        return advice("other files", pidFile() + " and " + log());
    }

    /** Returns the advice to choose another pid file. */
    public String otherPidFile() {
        return advice("another pid file", pidFile());
    }

    /** Returns the advice to choose another log. */
    public String otherLog() {
        return advice("another log", log());
    }

    private String advice(String what, String how) {
        return (isApplication ? "the application can name " : "name ") + what + " with " + how;
    }

    private String pidFile() {
        return isApplication ? "pidFile(...)" : "--pid-file";
    }

    private String log() {
        return isApplication ? "log(...)" : "--log";
    }
}
