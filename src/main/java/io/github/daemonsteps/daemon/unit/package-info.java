/** The files by which systemd runs a daemon, and logrotate rotates its log. */
package io.github.daemonsteps.daemon.unit;
