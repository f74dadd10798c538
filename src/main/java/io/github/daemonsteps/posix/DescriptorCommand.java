package io.github.daemonsteps.posix;

/** A command of fcntl(2) that takes or gives an int. */
public enum DescriptorCommand {
    /** The descriptor's flags: {@link #closeOnExec()} or 0. */
    F_GETFD,
    /** Set the descriptor's flags. */
    F_SETFD,
    /**
     * Set the status flags of what it is open on: {@link OpenFlag#O_APPEND} and {@link OpenFlag#O_NONBLOCK},
     * or none.
     */
    F_SETFL,
    /** Duplicate it to the lowest free number that is not below the argument, closed on exec. */
    F_DUPFD_CLOEXEC;

    int number() {
        Platform platform = Platform.current();
        return switch (this) {
            case F_GETFD -> platform.F_GETFD();
            case F_SETFD -> platform.F_SETFD();
            case F_SETFL -> platform.F_SETFL();
            case F_DUPFD_CLOEXEC -> platform.F_DUPFD_CLOEXEC();
        };
    }

    /** {@code FD_CLOEXEC}, the one flag a descriptor has: execve(2) closes it. */
    public static int closeOnExec() {
        return Platform.current().FD_CLOEXEC();
    }
}
