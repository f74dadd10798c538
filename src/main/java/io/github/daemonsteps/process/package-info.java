/**
 * Facts of a process, and what a process becomes: its state, its user, its environment and its program.
 *
 * <p>{@link io.github.daemonsteps.process.ProcessState} is what the kernel reports of a process. {@link
 * io.github.daemonsteps.process.Program} is what a process executes.
 */
package io.github.daemonsteps.process;
