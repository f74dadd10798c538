package io.github.daemonsteps.daemon;

import io.github.daemonsteps.posix.Deadline;
import io.github.daemonsteps.posix.NativePosix;
import io.github.daemonsteps.posix.ProcessWatch;
import io.github.daemonsteps.text.Plain;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * The launcher's side: waits for the word of a daemon that is being started, and for its end, whichever comes first.
 */
final class Listener {

    /** What a daemon's start has come to. */
    sealed interface Word {

        /**
         * It is ready.
         *
         * @param text what it says
         */
        record Ready(String text) implements Word {}

        /**
         * It says that it cannot.
         *
         * @param reason why
         */
        record Failed(String reason) implements Word {}

        /** It has ended. */
        record Ended() implements Word {}

        /**
         * It has neither ended nor said anything in time.
         *
         * @param extended whether it had asked for more time
         */
        record Silent(boolean extended) implements Word {}
    }

    /** No word is as long; what comes after it is not kept. */
    private static final int LONGEST_LINE = 64 << 10;

    private static final int AT_ONCE = 4096;

    private final NativePosix posix;
    private final ProcessWatch daemon;

    Listener(NativePosix posix, ProcessWatch daemon) {
        this.posix = posix;
        this.daemon = daemon;
    }

    /** Waits until a time on the clock of {@link System#nanoTime}; {@code pipe} is the end for reading, or -1. */
    Word await(Readiness readiness, int pipe, long until) {
        return switch (readiness) {
            case Readiness.Running running -> awaitSettled(running.settling(), until);
            case Readiness.Newline newline -> awaitNewline(newline.fd(), pipe, until);
            case Readiness.Told _ -> awaitTold(pipe, until);
        };
    }

    private Word awaitSettled(Duration settling, long until) {
        long settled = Deadline.in(settling);
        boolean inTime = settled - until <= 0;
        if (daemon.awaitEnd(inTime ? settled : until)) {
            return new Word.Ended();
        }
        return inTime ? new Word.Ready("") : new Word.Silent(false);
    }

    private Word awaitNewline(int fd, int pipe, long until) {
        var line = new ByteArrayOutputStream();
        while (true) {
            switch (daemon.await(pipe, until)) {
                case READABLE -> {
                    byte[] bytes = posix.read(pipe, AT_ONCE);
                    if (bytes.length == 0) {
                        return endOfFile(
                                "closed descriptor " + fd + " without a newline to say that it is ready");
                    }
                    if (append(bytes, line)) {
                        return new Word.Ready(text(line));
                    }
                }
                case ENDED -> {
                    return new Word.Ended();
                }
                case TIMEOUT -> {
                    return new Word.Silent(false);
                }
            }
        }
    }

    private Word awaitTold(int pipe, long first) {
        long until = first;
        boolean extended = false;
        var line = new ByteArrayOutputStream();
        while (true) {
            switch (daemon.await(pipe, until)) {
                case READABLE -> {
                    byte[] one = posix.read(pipe, 1); // a byte at a time: lines may follow each other closely
                    if (one.length == 0) {
                        return endOfFile(
                                "closed the descriptor on which it should have said that it is ready");
                    }
                    if (!append(one, line)) {
                        continue;
                    }
                    String text = text(line);
                    line.reset();
                    int blank = text.indexOf(' ');
                    String word = blank < 0 ? text : text.substring(0, blank);
                    String rest = blank < 0 ? "" : text.substring(blank + 1);
                    if (word.equals(Handshake.Word.READY.name())) {
                        return new Word.Ready(rest);
                    } else if (word.equals(Handshake.Word.EXTEND.name())) {
                        until = Deadline.in(Handshake.time(rest));
                        extended = true;
                    } else {
                        return new Word.Failed(word.equals(Handshake.Word.FAILED.name()) ? rest : text);
                    }
                }
                case ENDED -> {
                    return new Word.Ended();
                }
                case TIMEOUT -> {
                    return new Word.Silent(extended);
                }
            }
        }
    }

    /** A process that ends closes its descriptors a moment before it can be seen to have ended. */
    private Word endOfFile(String whatItDid) {
        return daemon.awaitEnd(Deadline.in(Duration.ofSeconds(1)))
                ? new Word.Ended()
                : new Word.Failed(whatItDid);
    }

    /** Keeps what comes before a newline. Returns whether there was one. */
    private static boolean append(byte[] bytes, ByteArrayOutputStream line) {
        for (byte each : bytes) {
            if (each == '\n') {
                return true;
            }
            if (line.size() < LONGEST_LINE) {
                line.write(each);
            }
        }
        return false;
    }

    private static String text(ByteArrayOutputStream line) {
        return Plain.line(line.toString(StandardCharsets.UTF_8));
    }
}
