package io.github.daemonsteps.daemon;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** The daemon as its application sees it. Several threads may use an object. */
public interface DaemonContext {

    /** An action at a moment of the daemon's life. */
    @FunctionalInterface
    interface Action {

        /**
         * Performs the action.
         *
         * @throws Exception if the action fails; the exception, or an {@link Error}, is logged, and the
         *        daemon continues with its next action
         */
        void run() throws Exception;
    }

    /** Returns the daemon's name. */
    String name();

    /** Returns the application's arguments, without the subcommand. */
    List<String> args();

    /**
     * Resolves a path against the directory in which the daemon was started. A relative path among the
     * arguments names a file there, but the daemon itself runs in another directory.
     *
     * @param path the path; an absolute path is returned unchanged
     * @return the absolute path
     */
    Path resolve(Path path);

    /**
     * Resolves a path that is given as text, as {@link #resolve(Path)} does.
     *
     * @param path the path; an absolute path is returned unchanged
     * @return the absolute path
     */
    default Path resolve(String path) {
        return resolve(Path.of(path));
    }

    /**
     * Returns the listening sockets of the daemon: those that a supervisor has given, and then those of
     * {@link Daemon#listen(String)}. Their descriptors are 3, 4, and so on. In the foreground, the
     * application's own process has bound the latter, and they have other descriptors.
     *
     * <p>Java can use only descriptor 0: see {@link InheritedSocket#channel()}.
     *
     * @return the sockets; empty if there is none
     */
    default List<InheritedSocket> sockets() {
        return List.of();
    }

    /**
     * Reports that the daemon can serve from now on. The launcher prints the message, and returns to its
     * caller.
     *
     * @param message one line for the launcher, such as {@code listening on 8080}. Of a longer one the first
     *        4096 characters are printed, and the number of those cut
     * @throws IllegalStateException if the daemon has reported this before
     */
    void ready(String message);

    /** Reports that the daemon can serve: {@link #ready(String)} without a message. */
    default void ready() {
        ready("");
    }

    /**
     * Extends the time in which the daemon must become ready. The launcher waits this long from now on.
     *
     * @param time the time from now
     * @throws IllegalArgumentException if the time is negative
     */
    void extendStartTimeout(Duration time);

    /**
     * Adds an action that is performed on a reload (SIGHUP), after the log has been opened anew. Several
     * actions are performed in the order in which they were added.
     *
     * @param action the action
     */
    void onReload(Action action);

    /**
     * Adds an action that is performed on a stop (SIGTERM or SIGINT), and when the application exits. Several
     * actions are performed in the reverse of the order in which they were added.
     *
     * @param action the action
     */
    void onStop(Action action);
}
