/**
 * The classic seven steps that turn a program into a Unix daemon, each run, checked and reported by itself.
 *
 * <p>{@link io.github.daemonsteps.DaemonSteps} says which steps and how, {@link
 * io.github.daemonsteps.DaemonRun} runs them, one by one if you like, and a {@link
 * io.github.daemonsteps.StepReport} tells of each.
 */
package io.github.daemonsteps;
