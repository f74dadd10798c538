/**
 * Runs the steps that turn a program into a Unix daemon, one by one or all at once.
 *
 * <p>{@link io.github.daemonsteps.DaemonSteps} selects the steps and their order.
 * {@link io.github.daemonsteps.DaemonRun} takes them. The steps themselves are in
 * {@link io.github.daemonsteps.steps}.
 */
package io.github.daemonsteps;
