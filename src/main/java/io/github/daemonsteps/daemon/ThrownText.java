package io.github.daemonsteps.daemon;

import java.io.PrintStream;

/** What has been thrown, for people. None of these methods throws, even where the thrown object's own methods do. */
final class ThrownText {

    private ThrownText() {
    }

    /** Returns its message, or what it is if it has none. */
    static String message(Throwable thrown) {
        try {
            String message = thrown.getMessage();
            return message == null ? String.valueOf(thrown) : message;
        } catch (Throwable broken) {
            return thrown.getClass().getName();
        }
    }

    /** Prints its stack trace. */
    static void print(Throwable thrown, PrintStream out) {
        try {
            thrown.printStackTrace(out);
        } catch (Throwable broken) {
            print(thrown.getClass().getName() + ", whose stack trace cannot be printed: "
                    + broken.getClass().getName(), out);
        }
    }

    /** Prints a line. */
    static void print(String line, PrintStream out) {
        try {
            out.println(line);
        } catch (Throwable unprintable) {
            // An application can put a stream of its own in place of System.err, and memory can be used up. There is no
            // other place to tell that, and whoever prints has more important things left to do.
        }
    }
}
