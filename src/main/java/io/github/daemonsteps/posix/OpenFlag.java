package io.github.daemonsteps.posix;

import java.util.Set;

/**
 * A flag of open(2). A set of flags contains exactly one of {@link #O_RDONLY}, {@link #O_WRONLY} and
 * {@link #O_RDWR}.
 */
public enum OpenFlag {
    /** Opens the file for reading only. */
    O_RDONLY,
    /** Opens the file for writing only. */
    O_WRONLY,
    /** Opens the file for reading and writing. */
    O_RDWR,
    /** Appends each write to the end of the file. */
    O_APPEND,
    /** Makes execve(2) close the descriptor. */
    O_CLOEXEC,
    /** Creates the file if it does not exist. */
    O_CREAT,
    /** Fails unless the file is a directory. */
    O_DIRECTORY,
    /** Fails if the file exists; for use with {@link #O_CREAT}. */
    O_EXCL,
    /** Keeps a terminal from becoming the controlling terminal. */
    O_NOCTTY,
    /** Fails if the last part of the path is a symbolic link. */
    O_NOFOLLOW,
    /** Keeps open, read and write from waiting. */
    O_NONBLOCK,
    /** Refers to the file without opening it for input or output. See open(2). */
    O_PATH,
    /** Truncates the file to length 0. */
    O_TRUNC;

    /**
     * Returns the flags for a file that another user may have replaced. With these flags, open(2) does not
     * follow a symbolic link or wait for a FIFO. A terminal does not become the controlling one, and no
     * program inherits the descriptor.
     *
     * @param access one of {@link #O_RDONLY}, {@link #O_WRONLY} and {@link #O_RDWR}
     */
    public static Set<OpenFlag> guarded(OpenFlag access) {
        return Set.of(access, O_NOFOLLOW, O_NONBLOCK, O_NOCTTY, O_CLOEXEC);
    }

    /** Returns the flags as they are written in C: {@code O_WRONLY|O_APPEND}. */
    public static String text(Set<OpenFlag> flags) {
        var text = new StringBuilder();
        for (OpenFlag flag : values()) {
            if (flags.contains(flag)) {
                text.append(text.isEmpty() ? "" : "|").append(flag);
            }
        }
        return text.toString();
    }
}
