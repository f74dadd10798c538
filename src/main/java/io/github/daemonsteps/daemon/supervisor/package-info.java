/**
 * The supervisor of this process, such as systemd, and the messages to it by the protocol of sd_notify(3).
 */
package io.github.daemonsteps.daemon.supervisor;
