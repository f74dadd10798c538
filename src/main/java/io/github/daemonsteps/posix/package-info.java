/**
 * The C functions that daemonizing needs, under their own names, and their values as Java types.
 *
 * <p>{@link io.github.daemonsteps.posix.Posix} is what both this process and a {@linkplain io.github.daemonsteps.posix.ForkedProcess
 * forked process} can call.
 */
package io.github.daemonsteps.posix;
