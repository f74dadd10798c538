package io.github.daemonsteps.daemon.readiness;

import java.io.PrintStream;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The text of a thrown object, for people. None of these methods throws, even if the object's own methods do.
 */
public final class ThrownText {

    private ThrownText() {
    }

    /** The maximum number of causes, since a chain may be longer, or cyclic. */
    private static final int MAX_CAUSES = 10;

    /**
     * Returns the message, or the class if there is none, and the causes. A cause that the message ends with
     * is not repeated. By default the message of an exception is the text of its cause. A cyclic chain ends
     * before its first repetition.
     */
    public static String message(Throwable thrown) {
        String last = own(thrown);
        var text = new StringBuilder(last);
        Set<Throwable> told = Collections.newSetFromMap(new IdentityHashMap<>());
        told.add(thrown);
        Throwable cause = cause(thrown);
        while (cause != null && told.size() <= MAX_CAUSES && told.add(cause)) {
            String next = text(cause);
            if (!last.endsWith(next)) {
                text.append("; caused by ").append(next);
            }
            last = next;
            cause = cause(cause);
        }
        return text.toString();
    }

    private static String own(Throwable thrown) {
        try {
            String message = thrown.getMessage();
            return message == null ? String.valueOf(thrown) : message;
        } catch (Throwable e) {
            return thrown.getClass().getName();
        }
    }

    private static String text(Throwable thrown) {
        try {
            return String.valueOf(thrown);
        } catch (Throwable e) {
            return thrown.getClass().getName();
        }
    }

    private static @Nullable Throwable cause(Throwable thrown) {
        try {
            return thrown.getCause();
        } catch (Throwable e) {
            return null;
        }
    }

    /** Prints the stack trace. */
    public static void print(Throwable thrown, PrintStream out) {
        try {
            thrown.printStackTrace(out);
        } catch (Throwable e) {
            print(thrown.getClass().getName() + ", whose stack trace cannot be printed: "
                    + e.getClass().getName(), out);
        }
    }

    /** Prints a line. */
    public static void print(String line, PrintStream out) {
        try {
            out.println(line);
        } catch (Throwable e) {
            // An application can replace System.err by a stream of its own, and memory can be exhausted.
            // There is not another place to report either. The caller must continue with its own work.
        }
    }
}
