/** The supervisor of this process, such as systemd. */
package io.github.daemonsteps.daemon.supervisor;
