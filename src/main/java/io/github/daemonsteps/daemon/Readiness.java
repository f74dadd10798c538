package io.github.daemonsteps.daemon;

import java.time.Duration;

/** How it is known that a program that was started has become ready. */
public sealed interface Readiness {

    /**
     * It runs, and still does so after a while.
     *
     * @param settling how long it has to live
     */
    record AliveAfter(Duration settling) implements Readiness {}

    /**
     * It writes a newline to a descriptor, as s6 has it. What it writes before is its message. End of file without
     * a newline is a failure.
     *
     * @param fd the descriptor that it is given, above 2
     */
    record NotificationFd(int fd) implements Readiness {

        /** @throws IllegalArgumentException if the number is not above 2 */
        public NotificationFd {
            if (fd <= 2) {
                throw new IllegalArgumentException("a descriptor to be ready on is above 2, not " + fd);
            }
        }
    }

    /** The daemon reports it: a Java program that calls {@link Daemon#launch} or {@link Daemon#run}. */
    record Handshake() implements Readiness {}

    /** Returns {@link AliveAfter}, for 200 ms. */
    static Readiness aliveAfter() {
        return aliveAfter(Duration.ofMillis(200));
    }

    /** Returns {@link AliveAfter}, for this time. */
    static Readiness aliveAfter(Duration settling) {
        return new AliveAfter(settling);
    }

    /** {@link NotificationFd}. */
    static Readiness notificationFd(int fd) {
        return new NotificationFd(fd);
    }

    /** {@link Handshake}. */
    static Readiness handshake() {
        return new Handshake();
    }
}
