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

    /** The daemon reports it: a Java program that calls {@link Daemon#launch} or {@link Daemon#run}. */
    record Told() implements Readiness {}

    /** Returns {@link Running}, for 200 ms. */
    static Readiness running() {
        return running(Duration.ofMillis(200));
    }

    /** Returns {@link Running}, for this time. */
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
