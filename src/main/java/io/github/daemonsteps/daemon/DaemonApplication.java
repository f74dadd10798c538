package io.github.daemonsteps.daemon;

/** What a daemon does. It runs in the daemon and nowhere else, on its main thread. */
@FunctionalInterface
public interface DaemonApplication {

    /**
     * Does it. When the daemon can serve it says so by {@link DaemonContext#ready}; it may return afterwards, and
     * the daemon lives on until it is stopped.
     *
     * @param daemon the daemon
     * @throws Exception if it cannot: then the start has failed, or if it was ready the daemon ends
     */
    void run(DaemonContext daemon) throws Exception;
}
