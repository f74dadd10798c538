package io.github.daemonsteps.posix;

/** How sigprocmask(2) uses its set. */
public enum MaskChange {
    /** Block these too. */
    SIG_BLOCK,
    /** Block these no more. */
    SIG_UNBLOCK,
    /** Block these and no others. */
    SIG_SETMASK;

    int number() {
        Platform platform = Platform.current();
        return switch (this) {
            case SIG_BLOCK -> platform.SIG_BLOCK();
            case SIG_UNBLOCK -> platform.SIG_UNBLOCK();
            case SIG_SETMASK -> platform.SIG_SETMASK();
        };
    }
}
