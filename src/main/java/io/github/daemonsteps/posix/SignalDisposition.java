package io.github.daemonsteps.posix;

/** What happens to a process that gets a signal it does not catch, see signal(7). */
public enum SignalDisposition {
    /** The signal's own default: most end the process. */
    SIG_DFL,
    /** Nothing. Survives execve(2). */
    SIG_IGN
}
