/** The start of a daemon: the checks before it, the steps of it, and its commit or rollback. */
package io.github.daemonsteps.daemon.start;
