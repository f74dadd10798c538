/** Status, reload and stop of a daemon that runs. */
package io.github.daemonsteps.daemon.control;
