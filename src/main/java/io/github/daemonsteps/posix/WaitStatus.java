package io.github.daemonsteps.posix;

/** What waitpid(2) tells of a child. */
public sealed interface WaitStatus {

    /** It has not ended. */
    WaitStatus RUNNING = new StillRunning();

    /** It has not ended. */
    record StillRunning() implements WaitStatus {
        @Override
        public String toString() {
            return "is running";
        }
    }

    /**
     * It has ended by itself.
     *
     * @param status its exit status, 0 to 255
     */
    record Exited(int status) implements WaitStatus {
        @Override
        public String toString() {
            return "ended with exit status " + status;
        }
    }

    /**
     * A signal has ended it.
     *
     * @param signal which
     */
    record Signaled(Signal signal) implements WaitStatus {
        @Override
        public String toString() {
            return "was ended by " + signal;
        }
    }

    /**
     * Decodes the word that waitpid(2) fills: the macros WIFEXITED, WEXITSTATUS and WTERMSIG, which jextract
     * cannot tell.
     */
    static WaitStatus decode(int word) {
        int signal = word & 0x7f;
        return signal == 0 ? new Exited((word >> 8) & 0xff) : new Signaled(new Signal(signal));
    }
}
