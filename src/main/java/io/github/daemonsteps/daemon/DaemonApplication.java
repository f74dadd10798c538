package io.github.daemonsteps.daemon;

/** The application of a daemon. It runs in the daemon and nowhere else, on the main thread. */
@FunctionalInterface
public interface DaemonApplication {

    /**
     * Runs the application. The application calls {@link DaemonContext#ready} when the daemon can serve. The
     * method may return afterwards; the daemon then lives until it is stopped.
     *
     * @param daemon the daemon
     * @throws Exception if the application fails: before the call of ready the start fails, after it the
     *        daemon ends
     */
    void run(DaemonContext daemon) throws Exception;
}
