package io.github.daemonsteps.daemon;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** A daemon, as its worker sees it. Safe for use by several threads. */
public interface DaemonContext {

    /** What to do at a moment of the daemon's life. */
    @FunctionalInterface
    interface Action {

        /**
         * Does it.
         *
         * @throws Exception if it cannot; that is logged, an {@link Error} too, and the daemon goes on with what comes
         *         next
         */
        void run() throws Exception;
    }

    /** The daemon's name. */
    String name();

    /** The application's arguments, without the verb. */
    List<String> args();

    /**
     * Resolves a path against the directory in which the daemon was started. A relative path among the arguments names a file
     * there, but the daemon itself runs in another directory.
     *
     * @param path the path; an absolute one is returned as it is
     */
    Path resolve(Path path);

    /** Resolves a path that is given as text, as {@link #resolve(Path)} does. */
    default Path resolve(String path) {
        return resolve(Path.of(path));
    }

    /**
     * From now on the daemon can serve. Whoever has started it is told, and gets its terminal back.
     *
     * @param message one line for whoever has started it, such as {@code listening on 8080}; of a longer one the first
     *        4096 characters are told, and how many are cut
     * @throws IllegalStateException if that has been said before
     */
    void ready(String message);

    /** {@link #ready(String)} without a message. */
    default void ready() {
        ready("");
    }

    /**
     * Getting ready takes longer: whoever waits for it waits this long from now on.
     *
     * @param time from now
     * @throws IllegalArgumentException if the time is negative
     */
    void extendStartTimeout(Duration time);

    /**
     * Does this when the daemon is asked to reload, by SIGHUP, after the log has been opened anew. Several actions
     * are done in the order in which they were given.
     */
    void onReload(Action action);

    /**
     * Does this when the daemon ends: when it is stopped (SIGTERM or SIGINT), and when the application exits.
     * Several actions are done in the reverse of the order in which they were given.
     */
    void onStop(Action action);
}
