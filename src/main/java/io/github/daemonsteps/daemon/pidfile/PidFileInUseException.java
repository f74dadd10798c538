package io.github.daemonsteps.daemon.pidfile;

import io.github.daemonsteps.daemon.files.FileRefusedException;

/**
 * The exception of a pid file that another daemon uses: a process holds its lock, or the daemon that the file
 * names still runs.
 */
public final class PidFileInUseException extends FileRefusedException {

    private static final long serialVersionUID = 1;

    PidFileInUseException(String message) {
        super(message);
    }
}
