package io.github.daemonsteps.posix;

/** How flock(2) locks a file. */
public enum FlockOperation {
    /** Together with others who share it. */
    LOCK_SH,
    /** Alone. */
    LOCK_EX,
    /** No more. */
    LOCK_UN
}
