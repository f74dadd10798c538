package io.github.daemonsteps.daemon.supervisor;

import io.github.daemonsteps.daemon.readiness.ThrownText;
import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.process.SupervisorVariables;
import io.github.daemonsteps.text.AsciiNumber;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The thread that tells a supervisor in time that the daemon is healthy. If the health check returns false,
 * throws or does not return, the supervisor is not told. See sd_watchdog_enabled(3).
 */
final class Watchdog implements Runnable {

    /** A shorter time would only use up the processor. */
    private static final long MIN_INTERVAL_NANOS = 10_000_000;

    private static final long MAX_MICROS = TimeUnit.NANOSECONDS.toMicros(Long.MAX_VALUE);

    private final long intervalNanos;
    private final Runnable ping;
    private final Consumer<String> log;
    /** Null: only the JVM is checked, which must run this thread. */
    private volatile @Nullable BooleanSupplier check;
    private boolean hasThrown;

    /**
     * Creates the watchdog.
     *
     * @param intervalNanos the time between two messages; 0 for none
     * @param ping sends a message
     * @param log receives a line if the check throws for the first time
     */
    Watchdog(long intervalNanos, Runnable ping, Consumer<String> log) {
        this.intervalNanos = intervalNanos;
        this.ping = ping;
        this.log = log;
    }

    /**
     * Returns the time between two messages: half of the time that the variables give.
     *
     * @param usec the value of {@code WATCHDOG_USEC}; null if it is not set
     * @param pid the value of {@code WATCHDOG_PID}; null if it is not set
     * @param own the id of this process
     * @param log receives a line if a value is not valid
     * @return the time in nanoseconds; 0 if the supervisor does not expect messages of this process
     */
    static long intervalNanos(@Nullable String usec, @Nullable String pid, long own, Consumer<String> log) {
        if (usec == null) {
            return 0;
        }
        if (pid != null) {
            long named = positive(pid);
            if (named == 0) {
                log.accept(SupervisorVariables.WATCHDOG_PID + " " + CString.of(pid).quoted()
                        + ": not a process id; no watchdog messages are sent");
            }
            if (named != own) {
                return 0;
            }
        }
        long micros = positive(usec);
        if (micros == 0) {
            log.accept(SupervisorVariables.WATCHDOG_USEC + " " + CString.of(usec).quoted()
                    + ": not a number of microseconds; no watchdog messages are sent");
            return 0;
        }
        return Math.max(MIN_INTERVAL_NANOS, TimeUnit.MICROSECONDS.toNanos(Math.min(micros, MAX_MICROS)) / 2);
    }

    /** Returns the number in the text; 0 if the text is not a positive number, or the number is too large. */
    private static long positive(String text) {
        try {
            return Math.max(0, AsciiNumber.parseLong(text));
        } catch (NumberFormatException e) {
            return 0;
        }
    }

    /** Sets the health check. */
    void check(BooleanSupplier isHealthy) {
        check = isHealthy;
    }

    /** Starts the thread, if the supervisor expects messages. */
    void start() {
        if (intervalNanos > 0) {
            Thread.ofPlatform().daemon().name("daemon-steps watchdog").start(this);
        }
    }

    @Override
    public void run() {
        long next = System.nanoTime() + intervalNanos;
        while (true) {
            for (long left = next - System.nanoTime(); left > 0; left = next - System.nanoTime()) {
                LockSupport.parkNanos(left);
                Thread.interrupted(); // a pause would end at once
            }
            if (isHealthy()) {
                ping.run();
            }
            long now = System.nanoTime();
            next = next + intervalNanos - now > 0 ? next + intervalNanos : now; // after a slow check, at once
        }
    }

    private boolean isHealthy() {
        BooleanSupplier current = check;
        try {
            return current == null || current.getAsBoolean();
        } catch (Throwable e) { // an Error too: the thread must go on, as the next check may succeed
            if (!hasThrown) {
                hasThrown = true;
                log.accept("the health check of the watchdog has failed: " + ThrownText.message(e));
            }
            return false;
        }
    }
}
