/** The start of a daemon: the checks before it, its steps, and its commit or rollback. */
package io.github.daemonsteps.daemon.start;
