/**
 * Facts of a process, and what a process becomes: its state, its user, its environment and its program.
 *
 * <p>{@link io.github.daemonsteps.process.ProcessState} is the kernel's report of a process.
 * {@link io.github.daemonsteps.process.Program} is the program that a process executes.
 */
package io.github.daemonsteps.process;
