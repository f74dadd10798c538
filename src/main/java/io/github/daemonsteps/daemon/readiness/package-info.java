/** The readiness protocol: the notification pipe, the messages on it, and the wait of the launcher. */
package io.github.daemonsteps.daemon.readiness;
