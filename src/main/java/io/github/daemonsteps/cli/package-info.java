/** The command {@code daemon-steps}. Its interface is the command line, see {@code daemon-steps(8)}. */
package io.github.daemonsteps.cli;
