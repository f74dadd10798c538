package io.github.daemonsteps.daemon.run;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;

/**
 * The signals that a daemon handles, by {@code sun.misc.Signal}: jdk.unsupported exports it, and the JDK has
 * no other class for signals. The class is used by reflection. The compiler warns about its name, the warning
 * cannot be suppressed, and a warning is an error in this build.
 */
final class SignalHandlers {

    private SignalHandlers() {
    }

    /**
     * Performs an action each time a signal arrives, in a thread of its own.
     *
     * @param name the name of the signal, without {@code SIG}
     * @param action the action
     * @return false if the JVM leaves this signal to the system, as with {@code -Xrs}
     */
    static boolean handle(String name, Runnable action) {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Object handling =
                    Proxy.newProxyInstance(SignalHandlers.class.getClassLoader(), new Class<?>[]{handler},
                            (_, _, _) -> {
                                action.run(); // handle(Signal) is the one method that is called
                                return null;
                            });
            signal.getMethod("handle", signal, handler).invoke(null,
                    signal.getConstructor(String.class).newInstance(name), handling);
            return true;
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof IllegalArgumentException) {
                return false; // "Signal already used by VM or OS"
            }
            throw new AssertionError("sun.misc.Signal throws nothing else", e);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("jdk.unsupported has no sun.misc.Signal", e);
        }
    }
}
