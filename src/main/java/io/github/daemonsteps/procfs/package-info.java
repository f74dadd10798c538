/**
 * Readers of {@code /proc}: the state of a process, the locks of the kernel, links to open files. See
 * proc(5).
 */
package io.github.daemonsteps.procfs;
