package io.github.daemonsteps.posix;

/** The operation that flock(2) performs on a file. */
public enum FlockOperation {
    /** Acquires the lock shared with other holders. */
    LOCK_SH,
    /** Acquires the lock exclusively. */
    LOCK_EX,
    /** Releases the lock. */
    LOCK_UN
}
