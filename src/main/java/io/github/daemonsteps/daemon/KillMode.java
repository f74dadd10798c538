package io.github.daemonsteps.daemon;

import java.util.Locale;

/**
 * Which processes a stop signals; the names are those of systemd.kill(5). Only a process group that is the daemon's own is
 * signalled. A program that runs in the foreground of a terminal or of a script shares its group with others, and is
 * signalled alone in every mode.
 */
public enum KillMode {

    /** The daemon's process alone. Its children are not signalled. */
    PROCESS,

    /** Every process of the daemon's group at once. */
    GROUP,

    /** The daemon's process first; after its end the rest of its group. */
    MIXED;

    /** Returns its name as the command takes it: {@code mixed}. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
