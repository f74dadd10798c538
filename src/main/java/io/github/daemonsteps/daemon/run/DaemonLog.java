package io.github.daemonsteps.daemon.run;

import io.github.daemonsteps.daemon.readiness.ThrownText;
import java.util.function.Consumer;

/** The lines that this library prints in the daemon: to its log, or in the foreground to standard error. */
final class DaemonLog implements Consumer<Throwable> {

    private final String name;

    /** Creates the log of the daemon with this name. */
    DaemonLog(String name) {
        this.name = name;
    }

    /** Prints a thrown object with its stack trace. */
    @Override
    public void accept(Throwable thrown) {
        ThrownText.print(thrown, System.err);
    }

    /** Prints a line. */
    void line(String line) {
        ThrownText.print(name + ": " + line, System.err);
    }
}
