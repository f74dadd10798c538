package io.github.daemonsteps.daemon;

import java.util.List;

/** The result of a request to a daemon. */
public sealed interface LifecycleResult permits Status, StartResult, StopResult, RestartResult, ReloadResult {

    /** Returns the daemon's name. */
    String name();

    /** Returns one line for people. */
    String message();

    /** Returns more lines for people, such as the end of a log. */
    default List<String> details() {
        return List.of();
    }

    /** Returns lines for people about a danger that is not a failure. */
    default List<String> warnings() {
        return List.of();
    }
}
