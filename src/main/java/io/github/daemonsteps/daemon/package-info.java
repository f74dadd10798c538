/**
 * The life cycle of a daemon: start, readiness, status, reload, restart and stop.
 *
 * <p>{@link io.github.daemonsteps.daemon.Daemon} is where to begin. Each operation returns a result that names what happened. Unknown
 * values are empty {@link java.util.Optional}s or null where a Javadoc says so.
 */
package io.github.daemonsteps.daemon;
