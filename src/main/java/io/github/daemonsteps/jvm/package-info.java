/** The command line of a running JVM, read so that the same JVM can be started again in another directory. */
package io.github.daemonsteps.jvm;
