package io.github.daemonsteps.daemon.run;

import sun.misc.Signal;
import sun.misc.SignalHandler;

/**
 * The signals that a daemon handles, by {@code sun.misc.Signal}: jdk.unsupported exports it, and the JDK has
 * no other class for signals.
 */
final class SignalHandlers {

    private SignalHandlers() {
    }

    /** Whether a handler has taken effect. */
    enum Handling {
        HANDLED,
        /** The process was started with the signal ignored, as by nohup(1), and the JVM respects that. */
        IGNORED,
        /** The JVM leaves the signal to the system, as with {@code -Xrs}. */
        LEFT_TO_SYSTEM,
        /** The platform does not have the signal, as Windows has no SIGHUP. */
        UNKNOWN
    }

    /**
     * Performs an action each time a signal arrives, in a thread of its own.
     *
     * @param name the name of the signal, without {@code SIG}
     * @param action the action
     */
    static Handling handle(String name, Runnable action) {
        Signal signal;
        try {
            signal = new Signal(name);
        } catch (IllegalArgumentException e) { // "Unknown signal"
            return Handling.UNKNOWN;
        }
        try {
            SignalHandler before = Signal.handle(signal, new Handler(action));
            return SignalHandler.SIG_IGN.equals(before) ? Handling.IGNORED : Handling.HANDLED;
        } catch (IllegalArgumentException e) { // "Signal already used by VM or OS"
            return Handling.LEFT_TO_SYSTEM;
        }
    }

    /** A handler that performs an action. */
    private record Handler(Runnable action) implements SignalHandler {

        @Override
        public void handle(Signal signal) {
            action.run();
        }
    }
}
