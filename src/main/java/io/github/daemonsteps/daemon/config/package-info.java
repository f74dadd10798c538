/** The configuration of a daemon, and the default files of a user. */
package io.github.daemonsteps.daemon.config;
