/**
 * The life cycle of a daemon: start, readiness, status, reload, restart and stop.
 *
 * <p>Begin with {@link io.github.daemonsteps.daemon.Daemon}. Each operation returns a result that names the
 * outcome.
 *
 * <p>A fact that can be unknown or absent is a component that is {@link org.jspecify.annotations.Nullable},
 * and null then. A method that looks something up returns an {@link java.util.Optional}. No number stands for
 * an unknown one. The same rule holds in all public packages.
 */
package io.github.daemonsteps.daemon;
