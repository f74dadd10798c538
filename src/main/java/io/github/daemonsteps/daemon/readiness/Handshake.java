package io.github.daemonsteps.daemon.readiness;

import io.github.daemonsteps.ffm.NativePosix;
import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.Deadline;
import io.github.daemonsteps.posix.StandardDescriptors;
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
 * The daemon's side of the readiness protocol: a pipe to the launcher, and one environment variable that
 * describes the pipe. The variable names exactly the process that it is for. Another process that inherits
 * the variable therefore ignores it, even if the number was used before.
 *
 * @param fd the write end of the pipe
 * @param starter the user who has started the daemon, and may be another one than the daemon's
 */
public record Handshake(int fd, long starter) {

    /**
     * The name of the variable. Its value is {@code PID:START_TIME:DESCRIPTOR:INODE:USER:DIRECTORY}: the
     * inode of the pipe, the user who starts the daemon, and the directory of the launcher.
     */
    public static final String VARIABLE = "DAEMON_STEPS_HANDSHAKE";

    private static final int FIELDS = 6;

    /** The kinds of messages to the launcher. A line begins with the name of the kind. */
    public enum Message {
        /** The daemon can serve. A message for people follows. */
        READY,
        /** The daemon cannot serve, and exits. The reason follows. */
        FAILED,
        /** The daemon needs more time to become ready. Milliseconds follow. */
        EXTEND
    }

    /** The maximum number of characters of a message. */
    private static final int MAX_MESSAGE = 4096;

    /**
     * A line to the launcher.
     *
     * @param message the kind of the message
     * @param text the text after the kind
     */
    record Line(Message message, String text) {

        /**
         * Parses a line without its newline. A line that does not begin with the name of a kind is a failure
         * too.
         */
        static Line parse(String line) {
            for (Message word : Message.values()) {
                if (line.equals(word.name()) || line.startsWith(word + " ")) {
                    return new Line(word, line.substring(Math.min(line.length(), word.name().length() + 1)));
                }
            }
            return new Line(Message.FAILED, cut(line));
        }
    }

    /**
     * Returns the text if it fits into a message; else the part that fits, and the number of characters cut.
     */
    static String cut(String text) {
        if (text.length() <= MAX_MESSAGE) {
            return text;
        }
        int end = Character.isHighSurrogate(text.charAt(MAX_MESSAGE - 1)) ? MAX_MESSAGE - 1 : MAX_MESSAGE;
        return text.substring(0, end) + " ... (" + (text.length() - end) + " more characters are cut)";
    }

    /** Returns the variable for a process. */
    static CString variable(int pid, long startTime, int fd, long inode, long starter, CString directory) {
        return CString
                .of(VARIABLE + "=" + pid + ":" + startTime + ":" + fd + ":" + inode + ":" + starter + ":")
                .plus(directory);
    }

    /** Returns the directory of the launcher. Only a daemon that has the variable may call this. */
    public static CString directory() {
        CString rest = Environment.inherited().get(VARIABLE).orElseThrow();
        for (int i = 1; i < FIELDS; i++) {
            rest = rest.from(rest.indexOf(':') + 1);
        }
        return rest;
    }

    /**
     * Returns the handshake of this process; empty unless this process is a daemon and the variable is for
     * it.
     */
    public static Optional<Handshake> ofThisProcess() {
        String value = System.getenv(VARIABLE);
        return parse(value, value == null ? 0 : ownPid());
    }

    /** Returns the process id as {@code /proc} shows it: {@link ProcessHandle} starts a thread pool. */
    private static long ownPid() {
        try {
            return AsciiNumber.parseLong(Files.readSymbolicLink(Path.of("/proc/self")).toString());
        } catch (IOException e) { // without /proc a handshake cannot be verified
            return 0;
        }
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
            // A launcher's pipe is above 2. On a standard descriptor, a message would get into another
            // program's output. Closing the descriptor would end that output.
            boolean meant = !StandardDescriptors.contains(fd) && words[FIELDS - 1].startsWith("/")
                    && AsciiNumber.parseLong(words[0]) == pid
                    && hasStarted((int) pid, startTime)
                    && Files.readSymbolicLink(link(fd)).toString().equals("pipe:[" + words[3] + "]");
            return meant ? Optional.of(new Handshake(fd, starter)) : Optional.empty();
        } catch (NumberFormatException | IOException e) { // a forged handshake
            return Optional.empty();
        }
    }

    private static boolean hasStarted(int pid, long startTime) {
        Optional<ProcessStat> stat = ProcessStat.of(pid);
        return stat.isPresent() && stat.get().startTime() == startTime;
    }

    private static Path link(int fd) {
        return Path.of("/proc/self/fd", Integer.toString(fd));
    }

    /**
     * Sends a line. A text that is too long is cut, and the line says so.
     *
     * @throws IOException if no process reads the pipe any more
     */
    public void send(Message word, String text) throws IOException {
        try (OutputStream pipe = new FileOutputStream(link(fd).toString())) {
            pipe.write((word + " " + TerminalSafe.line(cut(text)) + "\n")
                    .getBytes(StandardCharsets.UTF_8));
        }
    }

    /**
     * Waits, at most 365 days, until no process has the read end of the pipe open. The launcher closes its
     * end when it exits or has told the supervisor. poll(2) on the write end reports that without a write.
     */
    public void awaitLauncher(NativePosix posix) {
        posix.poll(Deadline.in(Duration.ofDays(365)), fd);
    }

    /** Reports that the daemon needs this much time from now to become ready. */
    public void extend(Duration time) throws IOException {
        send(Message.EXTEND, Long.toString(Deadline.capped(time).toMillis()));
    }

    /** Returns the time in the text of such a message; zero if the text is not a time. */
    static Duration time(String millis) {
        return millis.matches("[0-9]{1,12}")
                ? Duration.ofMillis(AsciiNumber.parseLong(millis))
                : Duration.ZERO;
    }
}
