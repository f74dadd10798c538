package io.github.daemonsteps.posix;

/** What happens to a process that gets a signal it does not catch, see signal(7). */
public enum Disposition {
    /** The signal's own default: most end the process. */
    SIG_DFL(0),
    /** Nothing. Survives execve(2). */
    SIG_IGN(1);

    /** {@code (sighandler_t) 0} and {@code (sighandler_t) 1}, the same in every C library. */
    private final long handler;

    Disposition(long handler) {
        this.handler = handler;
    }

    long handler() {
        return handler;
    }
}
