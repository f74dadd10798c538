package io.github.daemonsteps.posix;

/** The way in which sigprocmask(2) uses its set. */
public enum SigprocmaskHow {
    /** Blocks these signals too. */
    SIG_BLOCK,
    /** Unblocks these signals. */
    SIG_UNBLOCK,
    /** Blocks these signals and no others. */
    SIG_SETMASK
}
