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

    /**
     * Performs an action each time a signal arrives, in a thread of its own.
     *
     * @param name the name of the signal, without {@code SIG}
     * @param action the action
     * @return false if the JVM leaves this signal to the system, as with {@code -Xrs}, or the platform does
     *         not have the signal
     */
    static boolean handle(String name, Runnable action) {
        try {
            Signal.handle(new Signal(name), new Handler(action));
            return true;
        } catch (IllegalArgumentException e) {
            return false; // "Signal already used by VM or OS", or "Unknown signal"
        }
    }

    /** Returns whether the platform has a signal, as Windows has no SIGHUP. */
    static boolean exists(String name) {
        try {
            return new Signal(name).getNumber() >= 0;
        } catch (IllegalArgumentException e) {
            return false;
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
