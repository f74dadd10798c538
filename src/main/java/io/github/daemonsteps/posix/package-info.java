/**
 * The C functions that daemonizing needs, under their own names, and their values as Java types.
 *
 * <p>{@link io.github.daemonsteps.posix.Posix} has the calls that both this process and a
 * {@linkplain io.github.daemonsteps.posix.ForkedProcess forked process} can make.
 */
package io.github.daemonsteps.posix;
