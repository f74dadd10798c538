package io.github.daemonsteps.posix;

/** How flock(2) locks a file. */
public enum Lock {
    /** Together with others who share it. */
    LOCK_SH,
    /** Alone. */
    LOCK_EX,
    /** No more. */
    LOCK_UN;

    int number() {
        Platform platform = Platform.current();
        return switch (this) {
            case LOCK_SH -> platform.LOCK_SH();
            case LOCK_EX -> platform.LOCK_EX();
            case LOCK_UN -> platform.LOCK_UN();
        };
    }
}
