/**
 * The life cycle of a daemon: start, readiness, status, reload, restart and stop.
 *
 * <p>Begin with {@link io.github.daemonsteps.daemon.Daemon}. Each operation returns a result that names the
 * outcome. Unknown values are empty {@link java.util.Optional}s or null, where a Javadoc says so.
 */
package io.github.daemonsteps.daemon;
