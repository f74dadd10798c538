package io.github.daemonsteps.testing;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;

/** Waits for an event that nothing announces to a process that is neither parent nor child. */
public final class Await {

    private static final long LOOK_AGAIN_NANOS = 200_000;

    private Await() {
    }

    /**
     * A condition.
     *
     * @param <E> the exception of the attempt to find out
     */
    public interface Condition<E extends Exception> {

        /** Returns whether the condition holds now. */
        boolean holds() throws E;
    }

    /** Waits until a condition holds, no longer than {@link ChildJvm#DEADLINE}. */
    public static <E extends Exception> void until(Condition<E> condition) throws E {
        until(condition, () -> "the condition does not hold");
    }

    /**
     * Waits until a condition holds, no longer than {@link ChildJvm#DEADLINE}.
     *
     * @param facts the facts at the deadline, for the message
     */
    public static <E extends Exception> void until(Condition<E> condition, Callable<?> facts) throws E {
        if (!within(ChildJvm.DEADLINE, condition)) {
            throw new AssertionError("not in time: " + factsOf(facts));
        }
    }

    private static String factsOf(Callable<?> facts) {
        try {
            return String.valueOf(facts.call());
        } catch (Exception e) {
            return e.toString();
        }
    }

    /** Waits until a condition holds, and returns whether it does so before the deadline. */
    public static <E extends Exception> boolean within(Duration deadline, Condition<E> condition) throws E {
        long until = System.nanoTime() + deadline.toNanos();
        while (!condition.holds()) {
            if (System.nanoTime() - until > 0) {
                return false;
            }
            LockSupport.parkNanos(LOOK_AGAIN_NANOS);
        }
        return true;
    }

    /** Waits until an assertion passes. At the deadline its error is thrown. */
    public static void untilAsserted(Duration deadline, Runnable assertion) {
        AssertionError[] last = {null};
        boolean passes = within(deadline, () -> {
            try {
                assertion.run();
                return true;
            } catch (AssertionError e) {
                last[0] = e;
                return false;
            }
        });
        if (!passes) {
            throw last[0];
        }
    }
}
