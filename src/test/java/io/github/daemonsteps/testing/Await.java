package io.github.daemonsteps.testing;

import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;

/** Waits for an event that nothing announces to a process that is neither parent nor child. */
public final class Await {

    private Await() {
    }

    /** Waits until a condition holds, no longer than {@link ChildJvm#DEADLINE}. */
    public static void until(Callable<Boolean> condition) throws Exception {
        long until = System.nanoTime() + ChildJvm.DEADLINE.toNanos();
        while (!condition.call()) {
            if (System.nanoTime() - until > 0) {
                throw new AssertionError("the condition does not hold in time");
            }
            LockSupport.parkNanos(1_000_000);
        }
    }
}
