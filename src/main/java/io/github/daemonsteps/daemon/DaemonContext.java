package io.github.daemonsteps.daemon;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * The daemon as its application sees it. Several threads may use an object.
 *
 * <p>Under a supervisor that sets {@code NOTIFY_SOCKET}, such as systemd with {@code Type=notify}, the
 * methods also send the messages of sd_notify(3). A message that cannot be sent never fails the daemon: the
 * log gets a line, one for each kind of failure. Without such a supervisor nothing is sent.
 *
 * <p>A JVM cannot remove a variable from its environment. A process that the application starts inherits
 * {@code NOTIFY_SOCKET} unless the application removes it from {@link ProcessBuilder#environment}. With
 * {@code NotifyAccess=all} such a process could speak for the service.
 */
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
     * Returns the listening sockets of the daemon: those that a supervisor has passed, and then those of
     * {@link Daemon#listen(String)}. In a daemon their descriptors are 3, 4, and so on. In the foreground the
     * application itself binds the sockets of {@code listen}, and their descriptors are higher. If there is
     * no such socket and descriptor 0 is a listening socket, as with {@code StandardInput=socket} of systemd,
     * the list has that socket alone.
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
     * <p>A supervisor gets {@code READY=1}, with the message as {@code STATUS}. The messages for the watchdog
     * begin, see {@link #watchdog}.
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
     * Extends the time in which the daemon must become ready. The launcher waits this long from now on. A
     * supervisor gets {@code EXTEND_TIMEOUT_USEC}, and may do the same.
     *
     * <p>After {@link #ready(String)}, or without a launcher and a supervisor, the method has no effect.
     *
     * @param time the time from now
     * @throws IllegalArgumentException if the time is negative
     */
    void extendStartTimeout(Duration time);

    /**
     * Tells a supervisor the state of the daemon in one line, such as {@code 12 connections}: {@code STATUS}
     * of sd_notify(3). {@code systemctl status} shows it. An application may call the method before
     * {@link #ready(String)} too.
     *
     * @param text the state. Line breaks become blanks. Of a longer text the first 1024 characters are sent
     */
    default void status(String text) {
        // A context without a supervisor has no receiver.
    }

    /**
     * Sets the health check of the watchdog. If a supervisor sets {@code WATCHDOG_USEC} for this process, as
     * systemd does with {@code WatchdogSec=}, the supervisor expects a message at least once in that time.
     * After {@link #ready(String)}, a thread sends a message every half of that time while the check returns
     * true. If the check returns false, throws or does not return, no message is sent. systemd then kills the
     * daemon, and starts it again if the unit has {@code Restart=}. By default the thread checks only that
     * the JVM still runs threads.
     *
     * <p>Without such a supervisor the check is not called.
     *
     * @param isHealthy the check, which replaces the one before; an exception is logged the first time
     */
    default void watchdog(BooleanSupplier isHealthy) {
        // A context without a supervisor never calls the check.
    }

    /**
     * Adds an action that is performed on a reload (SIGHUP), after the log has been opened anew. Several
     * actions are performed in the order in which they were added.
     *
     * <p>A supervisor gets {@code RELOADING=1} before, and {@code READY=1} after the actions.
     *
     * @param action the action
     */
    void onReload(Action action);

    /**
     * Adds an action that is performed on a stop (SIGTERM or SIGINT), and when the application exits. Several
     * actions are performed in the reverse of the order in which they were added.
     *
     * <p>A supervisor gets {@code STOPPING=1} before. If {@link Daemon#stopTimeout} is longer than the
     * default, the supervisor also gets {@code EXTEND_TIMEOUT_USEC}.
     *
     * @param action the action
     */
    void onStop(Action action);
}
