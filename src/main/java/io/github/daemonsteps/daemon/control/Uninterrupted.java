package io.github.daemonsteps.daemon.control;

import java.time.Duration;

/** A wait that an interruption does not shorten. */
public final class Uninterrupted {

    private Uninterrupted() {
    }

    /**
     * Waits for the end of a thread. An interruption meanwhile is kept in the interrupt status of the caller.
     *
     * @param thread the thread
     * @param until the end of the wait, on the clock of {@link System#nanoTime}
     * @return whether the thread has ended
     */
    public static boolean hasEnded(Thread thread, long until) {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return thread.join(Duration.ofNanos(until - System.nanoTime()));
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
