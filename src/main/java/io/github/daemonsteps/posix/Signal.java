package io.github.daemonsteps.posix;

import io.github.daemonsteps.text.AsciiNumber;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A signal, see signal(7). The numbers are those of Linux on x86-64 and aarch64.
 *
 * @param number the number of the signal, 1 to 64
 */
public record Signal(int number) {

    /** Hangup. */
    public static final Signal SIGHUP = new Signal(1);
    /** Interrupt. */
    public static final Signal SIGINT = new Signal(2);
    /** Quit. */
    public static final Signal SIGQUIT = new Signal(3);
    /** Aborted. */
    public static final Signal SIGABRT = new Signal(6);
    /** Killed. */
    public static final Signal SIGKILL = new Signal(9);
    /** Segmentation fault. */
    public static final Signal SIGSEGV = new Signal(11);
    /** Broken pipe. */
    public static final Signal SIGPIPE = new Signal(13);
    /** Terminated. */
    public static final Signal SIGTERM = new Signal(15);
    /** Child exited. */
    public static final Signal SIGCHLD = new Signal(17);
    /** Continued. */
    public static final Signal SIGCONT = new Signal(18);
    /** Stopped (signal). */
    public static final Signal SIGSTOP = new Signal(19);
    /** Stopped. */
    public static final Signal SIGTSTP = new Signal(20);
    /** Stopped (tty input). */
    public static final Signal SIGTTIN = new Signal(21);
    /** Stopped (tty output). */
    public static final Signal SIGTTOU = new Signal(22);
    /** User defined signal 1. */
    public static final Signal SIGUSR1 = new Signal(10);
    /** User defined signal 2. */
    public static final Signal SIGUSR2 = new Signal(12);

    /** The highest number of a signal. */
    static final int HIGHEST = 64;

    /** The first real-time signal: the C library reserves the two below it. */
    private static final int REAL_TIME = 34;

    private static final Pattern NUMBER = Pattern.compile("[0-9]{1,2}");

    private static final String[] ROWS = {"",
        "SIGHUP Hangup",
        "SIGINT Interrupt",
        "SIGQUIT Quit",
        "SIGILL Illegal instruction",
        "SIGTRAP Trace/breakpoint trap",
        "SIGABRT Aborted",
        "SIGBUS Bus error",
        "SIGFPE Floating point exception",
        "SIGKILL Killed",
        "SIGUSR1 User defined signal 1",
        "SIGSEGV Segmentation fault",
        "SIGUSR2 User defined signal 2",
        "SIGPIPE Broken pipe",
        "SIGALRM Alarm clock",
        "SIGTERM Terminated",
        "SIGSTKFLT Stack fault",
        "SIGCHLD Child exited",
        "SIGCONT Continued",
        "SIGSTOP Stopped (signal)",
        "SIGTSTP Stopped",
        "SIGTTIN Stopped (tty input)",
        "SIGTTOU Stopped (tty output)",
        "SIGURG Urgent I/O condition",
        "SIGXCPU CPU time limit exceeded",
        "SIGXFSZ File size limit exceeded",
        "SIGVTALRM Virtual timer expired",
        "SIGPROF Profiling timer expired",
        "SIGWINCH Window changed",
        "SIGPOLL I/O possible",
        "SIGPWR Power failure",
        "SIGSYS Bad system call"
    };

    /**
     * Creates a signal.
     *
     * @throws IllegalArgumentException if the number is not that of a signal
     */
    public Signal {
        if (number < 1 || number > HIGHEST) {
            throw new IllegalArgumentException(
                    "a signal has a number from 1 to " + HIGHEST + ", not " + number);
        }
    }

    /**
     * Returns the signal with this name, such as {@code SIGTERM} or {@code SIGRTMIN+1}. If a number has two
     * names, both are accepted.
     */
    public static Optional<Signal> named(String name) {
        String known = switch (name) {
            case "SIGCLD" -> "SIGCHLD";
            case "SIGIO" -> "SIGPOLL";
            case "SIGIOT" -> "SIGABRT";
            default -> name;
        };
        for (int number = 1; number <= HIGHEST; number++) {
            var signal = new Signal(number);
            if (signal.name().equals(known)) {
                return Optional.of(signal);
            }
        }
        return Optional.empty();
    }

    /**
     * Parses a signal as a user types it: a number, or a name. The name may be in upper or lower case, with
     * or without {@code SIG}.
     *
     * @throws IllegalArgumentException if the signal does not exist, or the C library reserves it
     */
    public static Signal parse(String text) {
        String name = text.toUpperCase(Locale.ROOT);
        Optional<Signal> signal = NUMBER.matcher(text).matches()
                ? numbered(AsciiNumber.parseInt(text))
                : named(name).or(() -> named("SIG" + name));
        return signal.filter(known -> !known.isKeptByLibrary())
                .orElseThrow(() -> new IllegalArgumentException(
                        "unknown signal '" + text
                                + "': give a name, such as TERM or SIGUSR1, or a number from 1 to "
                                + HIGHEST));
    }

    private static Optional<Signal> numbered(int number) {
        return number < 1 || number > HIGHEST ? Optional.empty() : Optional.of(new Signal(number));
    }

    /** Returns whether the C library reserves the signal for its threads: 32 and 33, see nptl(7). */
    public boolean isKeptByLibrary() {
        return number >= ROWS.length && number < REAL_TIME;
    }

    /**
     * Returns the name, such as {@code SIGTERM}. A real-time signal gives {@code SIGRTMIN+1}, and a signal
     * that the C library reserves gives {@code SIG32}.
     */
    public String name() {
        if (number < ROWS.length) {
            return ROWS[number].substring(0, ROWS[number].indexOf(' '));
        }
        if (isKeptByLibrary()) {
            return "SIG" + number;
        }
        if (number == HIGHEST) {
            return "SIGRTMAX";
        }
        return number == REAL_TIME ? "SIGRTMIN" : "SIGRTMIN+" + (number - REAL_TIME);
    }

    /** Returns the meaning, such as {@code Terminated}; see strsignal(3). */
    public String text() {
        if (number < ROWS.length) {
            return ROWS[number].substring(ROWS[number].indexOf(' ') + 1);
        }
        return number < REAL_TIME ? "Unknown signal " + number : "Real-time signal " + (number - REAL_TIME);
    }

    @Override
    public String toString() {
        return name();
    }
}
