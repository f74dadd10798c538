package io.github.daemonsteps.posix;

/** The effect of a signal that a process does not catch, see signal(7). */
public enum SignalDisposition {
    /** The signal's own default effect: most signals end the process. */
    SIG_DFL,
    /** The signal is ignored. The setting survives execve(2). */
    SIG_IGN
}
