package io.github.daemonsteps.posix;

/** A permission that access(2) checks. */
public enum AccessMode {
    /** Write to the file; in a directory, create and remove files. */
    W_OK,
    /** Execute the file; in a directory, use the files. */
    X_OK
}
