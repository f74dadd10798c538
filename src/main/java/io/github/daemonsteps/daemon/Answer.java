package io.github.daemonsteps.daemon;

import io.github.daemonsteps.posix.Errno;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What came of something that a daemon was asked for. */
public sealed interface Answer permits Status, StartResult, StopResult, ReloadResult {

    /**
     * The exit status that the Linux Standard Base has for it (LSB 5.0, "Init Script Actions"), for a command that
     * has asked.
     */
    int exitStatus();

    /** The daemon's name. */
    String name();

    /** One line for people. */
    String message();

    /** More lines for people, such as the end of a log. */
    default List<String> details() {
        return List.of();
    }

    /** Lines for people about a danger that does not make it a failure. */
    default List<String> warnings() {
        return List.of();
    }

    /** Whether it is no result but an error: it goes to standard error then. */
    default boolean isError() {
        return false;
    }

    /** The exit status of a failure: 4 if it was for want of permission, else 1. */
    static int failure(@Nullable Errno errno) {
        return Errno.EACCES.equals(errno) || Errno.EPERM.equals(errno) ? 4 : 1;
    }
}
