package io.github.daemonsteps.daemon;

import java.time.Duration;

/** How it is known that a program that was started has become ready. */
public sealed interface Readiness {

    /**
     * It runs, and still does so after a while.
     *
     * @param settling how long it has to live
     */
    record Running(Duration settling) implements Readiness {}

    /**
     * It writes a newline to a descriptor, as s6 has it. What it writes before is its message. End of file without
     * a newline is a failure.
     *
     * @param fd the descriptor that it is given, above 2
     */
    record Newline(int fd) implements Readiness {

        /** @throws IllegalArgumentException if the number is not above 2 */
        public Newline {
            if (fd <= 2) {
                throw new IllegalArgumentException("a descriptor to be ready on is above 2, not " + fd);
            }
        }
    }

    /** It says so itself: it is a Java program that calls {@link Daemon#launch}. */
    record Told() implements Readiness {}

    /** {@link Running}, for 200 ms. */
    static Readiness running() {
        return running(Duration.ofMillis(200));
    }

    /** {@link Running}, for this long. */
    static Readiness running(Duration settling) {
        return new Running(settling);
    }

    /** {@link Newline}. */
    static Readiness newlineOn(int fd) {
        return new Newline(fd);
    }

    /** {@link Told}. */
    static Readiness told() {
        return new Told();
    }
}
