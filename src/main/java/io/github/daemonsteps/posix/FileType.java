package io.github.daemonsteps.posix;

/** The type of a file; see inode(7). */
public enum FileType {
    /** A regular file. */
    REGULAR,
    /** A directory. */
    DIRECTORY,
    /** A character device, as terminals and {@code /dev/null} are. */
    CHARACTER_DEVICE,
    /** A Unix socket. */
    SOCKET,
    /** A FIFO, a block device or a symbolic link. */
    OTHER
}
