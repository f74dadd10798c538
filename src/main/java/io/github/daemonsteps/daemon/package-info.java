/**
 * A daemon's life: start, ready, reload, stop and status; its pid file, its log, and the word it sends to whoever
 * started it.
 *
 * <p>{@link io.github.daemonsteps.daemon.Daemon} is where to begin.
 */
package io.github.daemonsteps.daemon;
