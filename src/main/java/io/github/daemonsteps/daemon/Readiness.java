package io.github.daemonsteps.daemon;

import io.github.daemonsteps.posix.StandardDescriptors;
import java.time.Duration;

/** The sign by which a launcher learns that a started program is ready. */
public sealed interface Readiness {

    /**
     * The program runs, and is still alive after a while.
     *
     * @param settling how long the program must stay alive
     */
    record AliveAfter(Duration settling) implements Readiness {}

    /**
     * The program writes a newline to a descriptor, as under s6. The text before the newline is the program's
     * message. End of file without a newline is a failure.
     *
     * @param fd the descriptor that the program inherits, above 2
     */
    record NotificationFd(int fd) implements Readiness {

        /** @throws IllegalArgumentException if the number is not above 2 */
        public NotificationFd {
            if (StandardDescriptors.contains(fd)) {
                throw new IllegalArgumentException("a readiness descriptor must be above 2, not " + fd);
            }
        }
    }

    /**
     * The program reports it itself: a Java program that calls {@link Daemon#launch} or {@link Daemon#run}.
     */
    record Handshake() implements Readiness {}

    /** Returns {@link AliveAfter}, for 200 ms. */
    static Readiness aliveAfter() {
        return aliveAfter(Duration.ofMillis(200));
    }

    /**
     * Returns {@link AliveAfter}, for this time.
     *
     * @param settling how long the program must stay alive
     * @return the readiness
     */
    static Readiness aliveAfter(Duration settling) {
        return new AliveAfter(settling);
    }

    /**
     * Returns {@link NotificationFd}.
     *
     * @param fd the descriptor that the program inherits, above 2
     * @return the readiness
     */
    static Readiness notificationFd(int fd) {
        return new NotificationFd(fd);
    }

    /** Returns {@link Handshake}. */
    static Readiness handshake() {
        return new Handshake();
    }
}
