package io.github.daemonsteps.daemon;

import java.util.Locale;

/**
 * The processes that a stop signals; the names are those of systemd.kill(5). A process group is signalled
 * only if it is the daemon's own. A program that runs in the foreground of a terminal or of a script shares
 * its group with others. Such a program is signalled alone in every mode.
 */
public enum KillMode {

    /** Signals the daemon's process alone, and not its children. */
    PROCESS,

    /** Signals every process of the daemon's group at once. */
    GROUP,

    /** Signals the daemon's process first, and the rest of its group after its exit. */
    MIXED;

    /** Returns the name that the command accepts: {@code mixed}. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
