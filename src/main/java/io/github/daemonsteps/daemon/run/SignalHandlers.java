package io.github.daemonsteps.daemon.run;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;

/**
 * Signals that a daemon takes in hand, by {@code sun.misc.Signal}: jdk.unsupported exports it, and the JDK has nothing
 * else. Used by reflection, for the compiler warns of its name in a way that nothing silences, and here a warning is
 * an error.
 */
final class SignalHandlers {

    private SignalHandlers() {
    }

    /**
     * Does this each time the signal comes, in a thread of its own.
     *
     * @param name without {@code SIG}
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
        } catch (InvocationTargetException thrown) {
            if (thrown.getCause() instanceof IllegalArgumentException) {
                return false; // "Signal already used by VM or OS"
            }
            throw new AssertionError("sun.misc.Signal throws nothing else", thrown);
        } catch (ReflectiveOperationException missing) {
            throw new LinkageError("jdk.unsupported has no sun.misc.Signal", missing);
        }
    }
}
