/**
 * The C library as daemonizing needs it: in this process ({@link io.github.daemonsteps.posix.NativePosix})
 * and in a forked one ({@link io.github.daemonsteps.posix.ForkedProcess}). The only room that touches {@code
 * java.lang.foreign}.
 */
package io.github.daemonsteps.posix;
