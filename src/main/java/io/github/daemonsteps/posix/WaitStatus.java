package io.github.daemonsteps.posix;

/** The state of a child that waitpid(2) reports. */
public sealed interface WaitStatus {

    /** The status of a child that has not ended. */
    WaitStatus RUNNING = new StillRunning();

    /** The child has not ended. */
    record StillRunning() implements WaitStatus {
        @Override
        public String toString() {
            return "is running";
        }
    }

    /**
     * The child has exited.
     *
     * @param status the exit status, 0 to 255
     */
    record Exited(int status) implements WaitStatus {
        @Override
        public String toString() {
            return "exited with status " + status;
        }
    }

    /**
     * The child was killed by a signal.
     *
     * @param signal the signal that killed the child
     */
    record Signaled(Signal signal) implements WaitStatus {
        @Override
        public String toString() {
            return "was killed by " + signal;
        }
    }

    /**
     * Decodes the status word of waitpid(2). The method replaces the macros WIFEXITED, WEXITSTATUS and
     * WTERMSIG, for which jextract generates no binding.
     */
    static WaitStatus decode(int word) {
        int signal = word & 0x7f;
        return signal == 0 ? new Exited((word >> 8) & 0xff) : new Signaled(new Signal(signal));
    }
}
