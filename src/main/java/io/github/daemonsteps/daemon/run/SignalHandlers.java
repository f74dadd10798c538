package io.github.daemonsteps.daemon.run;

import java.lang.invoke.LambdaMetafactory;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodHandles.Lookup;
import java.lang.invoke.MethodType;

/**
 * The signals that a daemon handles, by {@code sun.misc.Signal}: jdk.unsupported exports it, and the JDK has
 * no other class for signals. The class is used by its name. The compiler warns about that class, the warning
 * cannot be suppressed, and a warning is an error in this build.
 *
 * <p>A handler is linked as the compiler links a lambda expression. A {@link java.lang.reflect.Proxy} takes
 * some 15 ms more in a JVM that starts.
 */
final class SignalHandlers {

    private static final String CLASS = "sun.misc.Signal";

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
            Class<?> signal = Class.forName(CLASS);
            Class<?> handler = Class.forName(CLASS + "Handler");
            Lookup lookup = MethodHandles.lookup();
            MethodHandle constructor =
                    lookup.findConstructor(signal, MethodType.methodType(void.class, String.class));
            MethodHandle handle =
                    lookup.findStatic(signal, "handle", MethodType.methodType(handler, signal, handler));
            Object previous =
                    handle.invoke(constructor.invoke(name), handler(lookup, signal, handler).invoke(action));
            assert previous != null; // the JVM has a handler for each signal
            return true;
        } catch (IllegalArgumentException e) {
            return false; // "Signal already used by VM or OS"
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("jdk.unsupported has no " + CLASS, e);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError(CLASS + " throws no checked exception", e);
        }
    }

    /** Returns a function from an action to a handler that performs the action. */
    private static MethodHandle handler(Lookup lookup, Class<?> signal, Class<?> handler) throws Exception {
        MethodHandle run = lookup.findStatic(SignalHandlers.class, "run",
                MethodType.methodType(void.class, Runnable.class, Object.class));
        MethodType handling = MethodType.methodType(void.class, signal);
        return LambdaMetafactory.metafactory(lookup, "handle", MethodType.methodType(handler, Runnable.class),
                handling, run, handling).getTarget();
    }

    @SuppressWarnings("unused") // by its name
    private static void run(Runnable action, Object signal) {
        action.run();
    }
}
