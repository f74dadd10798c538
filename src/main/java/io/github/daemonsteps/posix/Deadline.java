package io.github.daemonsteps.posix;

import java.time.Duration;

/** Points in time on the clock of {@link System#nanoTime}. */
public final class Deadline {

    /** As good as for ever, and far from where nanoseconds overflow. */
    private static final Duration LONGEST = Duration.ofDays(365);

    private Deadline() {
    }

    /** That long from now, at most a year. */
    public static long in(Duration time) {
        return System.nanoTime() + capped(time).toNanos();
    }

    /** The same time, at most a year. */
    public static Duration capped(Duration time) {
        return time.compareTo(LONGEST) > 0 ? LONGEST : time;
    }
}
