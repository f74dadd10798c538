/**
 * The forked process: machine code that makes the calls that the launcher requests, since no Java runs after
 * fork(2).
 *
 * <p>{@link io.github.daemonsteps.relay.RelayedProcess} is the implementation of
 * {@link io.github.daemonsteps.posix.ForkedProcess}. The source of the machine code is in
 * {@code src/main/relay}.
 */
package io.github.daemonsteps.relay;
