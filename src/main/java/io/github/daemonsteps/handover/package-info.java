/**
 * The command line of a running JVM, understood so that the same JVM can be started again in {@code /}, as a daemon
 * is.
 */
package io.github.daemonsteps.handover;
