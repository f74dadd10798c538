package io.github.daemonsteps.daemon.readiness;

import io.github.daemonsteps.daemon.Readiness;
import io.github.daemonsteps.ffm.NativePosix;
import io.github.daemonsteps.posix.Deadline;
import io.github.daemonsteps.procfs.TrackedProcess;
import io.github.daemonsteps.text.TerminalSafe;
import java.time.Duration;
import java.util.function.Function;

/**
 * Waits in the launcher for a daemon that is being started to report readiness or failure, or to end, whichever is first.
 */
public final class ReadinessWaiter {

    /** What the launcher has learned of the daemon. */
    public sealed interface Event {

        /**
         * The daemon is ready.
         *
         * @param text its message
         */
        record Ready(String text) implements Event {}

        /**
         * The daemon reports that it cannot get ready.
         *
         * @param reason why
         */
        record Failed(String reason) implements Event {}

        /** The daemon has ended. */
        record Exited() implements Event {}

        /**
         * The daemon has neither ended nor reported anything in time.
         *
         * @param extended whether it had asked for more time
         */
        record TimedOut(boolean extended) implements Event {}

        /**
         * The daemon has written more than a line may have, without a newline.
         *
         * @param whatItDid what the daemon did, for people
         */
        record TooLong(String whatItDid) implements Event {}
    }

    /** How long a daemon that says that it has failed may take to end by itself, while its time is not up. */
    private static final Duration TIDYING_UP = Duration.ofSeconds(5);

    /** How long a process that has ended, or a descriptor that it has closed, is still listened to. */
    private static final Duration LAST_WORDS = Duration.ofSeconds(1);

    private final NativePosix posix;
    private final TrackedProcess daemon;

    public ReadinessWaiter(NativePosix posix, TrackedProcess daemon) {
        this.posix = posix;
        this.daemon = daemon;
    }

    /**
     * Waits until a time on the clock of {@link System#nanoTime} at the latest, whatever is written meanwhile.
     *
     * @param pipe the read end of the pipe, or -1
     */
    public Event await(Readiness readiness, int pipe, long until) {
        return switch (readiness) {
            case Readiness.AliveAfter running -> awaitSettled(running.settling(), until);
            case Readiness.NotificationFd newline -> awaitLine(Protocol.newlineOn(newline.fd()), pipe, until);
            case Readiness.Handshake _ -> awaitLine(Protocol.HANDSHAKE, pipe, until);
        };
    }

    /**
     * How a line is written.
     *
     * @param meaning what a line says
     * @param descriptor where it is written to, for people
     * @param purpose what it is written for, for people
     */
    private record Protocol(Function<String, Handshake.Line> meaning, String descriptor, String purpose) {

        static final Protocol HANDSHAKE = new Protocol(Handshake.Line::parse,
                "the descriptor on which it should have said that it is ready", "");

        static Protocol newlineOn(int fd) {
            return new Protocol(line -> new Handshake.Line(Handshake.Message.READY, Handshake.cut(line)),
                    "descriptor " + fd, " without a newline to say that it is ready");
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
                        until = Math.min(until - System.nanoTime(), LAST_WORDS.toNanos()) + System.nanoTime();
                    }
                    if (!lines.fill()) {
                        return endOfFile("closed " + form.descriptor + form.purpose, until);
                    }
                    for (String text = lines.next(); text != null; text = lines.next()) {
                        Handshake.Line line = form.meaning.apply(text);
                        switch (line.message()) {
                            case READY -> {
                                return new Event.Ready(TerminalSafe.line(line.text()));
                            }
                            case FAILED -> {
                                daemon.awaitEnd(Math.min(until, Deadline.in(TIDYING_UP)));
                                return new Event.Failed(TerminalSafe.line(line.text()));
                            }
                            case EXTEND -> {
                                if (!ended) {
                                    until = Deadline.in(Handshake.time(line.text()));
                                    extended = true;
                                }
                            }
                        }
                    }
                    if (lines.isTooLong()) {
                        return new Event.TooLong("it wrote more than " + LineReader.MAX_LINE + " bytes to "
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

    /** A process that ends closes its descriptors a moment before it can be seen to have ended. */
    private Event endOfFile(String whatItDid, long until) {
        return daemon.awaitEnd(Math.min(until, Deadline.in(LAST_WORDS)))
                ? new Event.Exited()
                : new Event.Failed(whatItDid);
    }
}
