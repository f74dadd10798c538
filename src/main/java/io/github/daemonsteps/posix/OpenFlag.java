package io.github.daemonsteps.posix;

import java.util.Set;

/**
 * A flag of open(2). Exactly one of {@link #O_RDONLY}, {@link #O_WRONLY} and {@link #O_RDWR} belongs in a set
 * of them.
 */
public enum OpenFlag {
    /** Read only. */
    O_RDONLY,
    /** Write only. */
    O_WRONLY,
    /** Read and write. */
    O_RDWR,
    /** Each write goes to the end of the file. */
    O_APPEND,
    /** The descriptor is closed by execve(2). */
    O_CLOEXEC,
    /** Create the file if there is none. */
    O_CREAT,
    /** Fail unless it is a directory. */
    O_DIRECTORY,
    /** With {@link #O_CREAT}: fail if the file exists. */
    O_EXCL,
    /** A terminal does not become the controlling terminal. */
    O_NOCTTY,
    /** Fail if the last part of the path is a symbolic link. */
    O_NOFOLLOW,
    /** Neither open nor read nor write waits. */
    O_NONBLOCK,
    /** Cut the file to length 0. */
    O_TRUNC;

    /**
    * How to open what somebody else may have put where it is: no symbolic link is followed, no FIFO is waited for, no
    * terminal becomes the controlling one, and no program inherits it.
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
