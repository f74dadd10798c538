package io.github.daemonsteps.posix;

import java.time.Duration;

/** Points in time on the clock of {@link System#nanoTime}. */
public final class Deadline {

    /** Effectively unlimited, and far below the point where nanoseconds overflow. */
    private static final Duration LONGEST = Duration.ofDays(365);

    private Deadline() {
    }

    /**
     * Returns the point that lies this long from now, at most a year.
     *
     * @param time the time from now
     */
    public static long in(Duration time) {
        return System.nanoTime() + capped(time).toNanos();
    }

    /**
     * Returns the same time, at most a year.
     *
     * @param time the time to limit
     */
    public static Duration capped(Duration time) {
        return time.compareTo(LONGEST) > 0 ? LONGEST : time;
    }
}
