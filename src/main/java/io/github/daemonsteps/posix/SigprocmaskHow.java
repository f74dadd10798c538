package io.github.daemonsteps.posix;

/** How sigprocmask(2) uses its set. */
public enum SigprocmaskHow {
    /** Block these too. */
    SIG_BLOCK,
    /** Block these no more. */
    SIG_UNBLOCK,
    /** Block these and no others. */
    SIG_SETMASK
}
