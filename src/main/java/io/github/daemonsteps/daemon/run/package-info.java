/** The daemon's own process: signals, readiness, stop actions, and the subcommands of an application. */
package io.github.daemonsteps.daemon.run;
