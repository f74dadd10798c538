package io.github.daemonsteps.testkit;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/** What remains of things that other threads or processes are about to free. Nothing announces that. */
final class Remainder {

    private Remainder() {
    }

    /**
     * Waits until nothing remains.
     *
     * @param time the longest wait
     * @param look returns what remains now
     * @return what remains after the wait; empty if nothing does
     */
    static <T> List<T> after(Duration time, Supplier<List<T>> look) {
        long until = System.nanoTime() + time.toNanos();
        List<T> remaining = look.get();
        while (!remaining.isEmpty() && System.nanoTime() - until < 0) {
            LockSupport.parkNanos(1_000_000);
            remaining = look.get();
        }
        return remaining;
    }
}
