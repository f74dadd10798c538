/**
 * Calls of C functions through {@link java.lang.foreign}. Only this package, its
 * subpackage {@code libc} and the package {@code relay} use that API.
 *
 * <p>{@link io.github.daemonsteps.ffm.NativePosix} makes the calls in this process. jextract generates the
 * binding in {@code ffm.libc}.
 */
package io.github.daemonsteps.ffm;
