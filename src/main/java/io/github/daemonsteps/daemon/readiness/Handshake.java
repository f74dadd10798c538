package io.github.daemonsteps.daemon.readiness;

import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.Deadline;
import io.github.daemonsteps.process.Environment;
import io.github.daemonsteps.procfs.ProcessStat;
import io.github.daemonsteps.text.AsciiNumber;
import io.github.daemonsteps.text.TerminalSafe;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The daemon's side of the word it sends to whoever has started it: a pipe, and one environment variable that tells
 * of it. The variable names the very process that it is for, so that whoever inherits it knows that it is not meant,
 * even if its number was used before.
 *
 * @param fd the pipe's end for writing
 * @param starter the user who has started the daemon, and may be another one than the daemon's
 */
public record Handshake(int fd, long starter) {

    /**
     * {@code PID:START_TIME:DESCRIPTOR:INODE:USER:DIRECTORY}: the inode of the pipe, the user who starts, and the directory
     * of the launcher.
     */
    public static final String VARIABLE = "DAEMON_STEPS_HANDSHAKE";

    private static final int FIELDS = 6;

    /** What a line to the launcher begins with. */
    public enum Message {
        /** The daemon can serve. A message for people follows. */
        READY,
        /** It cannot, and ends. Why follows. */
        FAILED,
        /** Getting ready takes longer. Milliseconds follow. */
        EXTEND
    }

    /** A message has no more characters than this. */
    private static final int MAX_MESSAGE = 4096;

    /**
     * A line to the launcher.
     *
     * @param message what it begins with
     * @param text what follows
     */
    record Line(Message message, String text) {

        /** Reads one, without its newline. A line that begins with no such word is a failure too. */
        static Line parse(String line) {
            for (Message word : Message.values()) {
                if (line.equals(word.name()) || line.startsWith(word + " ")) {
                    return new Line(word, line.substring(Math.min(line.length(), word.name().length() + 1)));
                }
            }
            return new Line(Message.FAILED, cut(line));
        }
    }

    /** The text if it is no longer than a message may be; else what fits, and how much of it is cut. */
    static String cut(String text) {
        if (text.length() <= MAX_MESSAGE) {
            return text;
        }
        int end = Character.isHighSurrogate(text.charAt(MAX_MESSAGE - 1)) ? MAX_MESSAGE - 1 : MAX_MESSAGE;
        return text.substring(0, end) + " ... (" + (text.length() - end) + " more characters are cut)";
    }

    /** The variable for a process. */
    static CString variable(int pid, long startTime, int fd, long inode, long starter, CString directory) {
        return CString
                .of(VARIABLE + "=" + pid + ":" + startTime + ":" + fd + ":" + inode + ":" + starter + ":")
                .plus(directory);
    }

    /** Returns the directory of the launcher. May only be called in a daemon that has the variable. */
    public static CString directory() {
        CString rest = Environment.inherited().get(VARIABLE).orElseThrow();
        for (int i = 1; i < FIELDS; i++) {
            rest = rest.from(rest.indexOf(':') + 1);
        }
        return rest;
    }

    /** That of this process, if it has been started as a daemon and this variable is meant for it. */
    public static Optional<Handshake> ofThisProcess() {
        return parse(System.getenv(VARIABLE), ProcessHandle.current().pid());
    }

    static Optional<Handshake> parse(@Nullable String value, long pid) {
        String[] words = value == null ? new String[0] : value.split(":", FIELDS);
        if (words.length != FIELDS) {
            return Optional.empty();
        }
        try {
            int fd = AsciiNumber.parseInt(words[2]);
            long startTime = AsciiNumber.parseLong(words[1]);
            long starter = AsciiNumber.parseLong(words[4]);
            // A launcher's pipe is above the standard three. On one of these a word would be in
            // somebody's output, and closing it would end that.
            boolean meant = fd > 2 && words[FIELDS - 1].startsWith("/")
                    && AsciiNumber.parseLong(words[0]) == pid
                    && ProcessStat.of((int) pid).filter(stat -> stat.startTime() == startTime).isPresent()
                    && Files.readSymbolicLink(link(fd)).toString().equals("pipe:[" + words[3] + "]");
            return meant ? Optional.of(new Handshake(fd, starter)) : Optional.empty();
        } catch (NumberFormatException | IOException forged) {
            return Optional.empty();
        }
    }

    private static Path link(int fd) {
        return Path.of("/proc/self/fd", Integer.toString(fd));
    }

    /**
     * Sends a line; a longer text than a message may be is cut, and says so.
     *
     * @throws IOException if nobody is there any more to read it
     */
    public void send(Message word, String text) throws IOException {
        try (OutputStream pipe = new FileOutputStream(link(fd).toString())) {
            pipe.write((word + " " + TerminalSafe.line(cut(text)) + "\n")
                    .getBytes(StandardCharsets.UTF_8));
        }
    }

    /** Sends that getting ready takes this long from now. */
    public void extend(Duration time) throws IOException {
        send(Message.EXTEND, Long.toString(Deadline.capped(time).toMillis()));
    }

    /** The time that such a line tells: none, if it is none. */
    static Duration time(String millis) {
        return millis.matches("[0-9]{1,12}")
                ? Duration.ofMillis(AsciiNumber.parseLong(millis))
                : Duration.ZERO;
    }
}
