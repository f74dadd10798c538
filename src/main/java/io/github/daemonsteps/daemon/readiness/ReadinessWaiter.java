package io.github.daemonsteps.daemon.readiness;

import io.github.daemonsteps.daemon.Readiness;
import io.github.daemonsteps.ffm.NativePosix;
import io.github.daemonsteps.posix.Deadline;
import io.github.daemonsteps.procfs.TrackedProcess;
import io.github.daemonsteps.text.TerminalSafe;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The wait of the launcher for a daemon that is being started. The wait ends when the daemon reports
 * readiness or failure, or exits.
 */
public final class ReadinessWaiter {

    /** An event of the daemon that ends the wait of the launcher. */
    public sealed interface Event {

        /**
         * The daemon is ready.
         *
         * @param text its message
         */
        record Ready(String text) implements Event {}

        /**
         * The daemon reports that it cannot become ready.
         *
         * @param reason the reason
         */
        record Failed(String reason) implements Event {}

        /** The daemon has exited. */
        record Exited() implements Event {}

        /**
         * The daemon has neither exited nor reported anything in time.
         *
         * @param extended whether the daemon had requested more time
         */
        record TimedOut(boolean extended) implements Event {}

        /**
         * The daemon has written more than a line may have, without a newline.
         *
         * @param whatItDid the daemon's last action, for people
         */
        record TooLong(String whatItDid) implements Event {}
    }

    /**
     * The time in which a daemon that has reported a failure may exit by itself. It does not extend the time
     * of the start.
     */
    private static final Duration EXIT_TIME = Duration.ofSeconds(5);

    /**
     * The time in which messages are still read after the process has exited or has closed the descriptor.
     */
    private static final Duration OUTPUT_TIME = Duration.ofSeconds(1);

    private final NativePosix posix;
    private final TrackedProcess daemon;
    private final @Nullable Consumer<Duration> onExtension;

    /**
     * Creates a waiter.
     *
     * @param onExtension receives the duration of each extension that the daemon requests; null: no receiver
     */
    public ReadinessWaiter(NativePosix posix, TrackedProcess daemon,
            @Nullable Consumer<Duration> onExtension) {
        this.posix = posix;
        this.daemon = daemon;
        this.onExtension = onExtension;
    }

    /**
     * Waits for an event. Written text does not extend the wait.
     *
     * @param readiness how the daemon reports that it is ready
     * @param pipe the read end of the pipe, or -1
     * @param until the latest end of the wait, on the clock of {@link System#nanoTime}
     * @return the event
     */
    public Event await(Readiness readiness, int pipe, long until) {
        if (readiness instanceof Readiness.AliveAfter running) {
            return awaitSettled(running.settling(), until);
        }
        return awaitLine(readiness instanceof Readiness.NotificationFd newline
                ? Protocol.newlineOn(newline.fd())
                : Protocol.HANDSHAKE, pipe, until);
    }

    /**
     * The form of a line.
     *
     * @param hasKinds whether a line begins with the kind of its message; else each line reports readiness
     * @param descriptor the descriptor that the line is written to, for people
     * @param purpose the purpose of the line, for people
     */
    private record Protocol(boolean hasKinds, String descriptor, String purpose) {

        static final Protocol HANDSHAKE = new Protocol(true,
                "the notification descriptor", " without READY or FAILED");

        static Protocol newlineOn(int fd) {
            return new Protocol(false, "descriptor " + fd, " without a newline (not ready)");
        }

        Handshake.Line parse(String line) {
            return hasKinds
                    ? Handshake.Line.parse(line)
                    : new Handshake.Line(Handshake.Message.READY, Handshake.cut(line));
        }
    }

    private Event awaitSettled(Duration settling, long until) {
        long settled = Deadline.in(settling);
        boolean inTime = settled - until <= 0;
        if (daemon.awaitEnd(inTime ? settled : until)) {
            return new Event.Exited();
        }
        return inTime ? new Event.Ready("") : new Event.TimedOut(false);
    }

    private Event awaitLine(Protocol form, int pipe, long first) {
        var lines = new LineReader(posix, pipe);
        long until = first;
        boolean extended = false;
        boolean ended = false;
        while (true) {
            switch (daemon.await(pipe, until)) {
                case READABLE -> {
                    if (!ended && daemon.awaitEnd(System.nanoTime())) {
                        // The daemon's own output is still read, but not what its children write later.
                        ended = true;
                        until = Math.min(until - System.nanoTime(), OUTPUT_TIME.toNanos())
                                + System.nanoTime();
                    }
                    if (!lines.fill()) {
                        return endOfFile("closed " + form.descriptor + form.purpose, until);
                    }
                    for (String text = lines.next(); text != null; text = lines.next()) {
                        Handshake.Line line = form.parse(text);
                        switch (line.message()) {
                            case READY -> {
                                return new Event.Ready(TerminalSafe.line(line.text()));
                            }
                            case FAILED -> {
                                daemon.awaitEnd(Math.min(until, Deadline.in(EXIT_TIME)));
                                return new Event.Failed(TerminalSafe.line(line.text()));
                            }
                            case EXTEND -> {
                                if (!ended) {
                                    Duration time = Handshake.time(line.text());
                                    until = Deadline.in(time);
                                    extended = true;
                                    if (onExtension != null) {
                                        onExtension.accept(time);
                                    }
                                }
                            }
                        }
                    }
                    if (lines.isTooLong()) {
                        return new Event.TooLong("wrote more than " + LineReader.MAX_LINE + " bytes to "
                                + form.descriptor + " without a newline");
                    }
                    if (System.nanoTime() - until >= 0) {
                        return ended ? new Event.Exited() : new Event.TimedOut(extended);
                    }
                }
                case ENDED -> {
                    return new Event.Exited();
                }
                case TIMEOUT -> {
                    return ended ? new Event.Exited() : new Event.TimedOut(extended);
                }
            }
        }
    }

    /**
     * Returns the event after end of file. A process that exits closes its descriptors a moment before its
     * exit is visible.
     */
    private Event endOfFile(String whatItDid, long until) {
        return daemon.awaitEnd(Math.min(until, Deadline.in(OUTPUT_TIME)))
                ? new Event.Exited()
                : new Event.Failed(whatItDid);
    }
}
