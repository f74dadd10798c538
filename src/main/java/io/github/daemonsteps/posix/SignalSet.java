package io.github.daemonsteps.posix;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * A set of signals, in the format of {@code /proc/PID/status} and of the kernel.
 *
 * @param bits the set, in which bit n - 1 stands for signal n
 */
public record SignalSet(long bits) {

    /** The empty set. */
    public static final SignalSet NONE = new SignalSet(0);

    /** The set of every signal. */
    public static final SignalSet ALL = new SignalSet(-1);

    private static final int DIGITS = Long.SIZE / 4;

    /** Returns the set of these signals. */
    public static SignalSet of(Signal... signals) {
        long bits = 0;
        for (Signal signal : signals) {
            bits |= bit(signal);
        }
        return new SignalSet(bits);
    }

    /**
     * Parses one to sixteen hexadecimal digits, as in proc_pid_status(5).
     *
     * @throws IllegalArgumentException if the text contains anything else, such as a sign or spaces
     */
    public static SignalSet parse(String hexadecimal) {
        boolean valid = !hexadecimal.isEmpty() && hexadecimal.length() <= DIGITS;
        for (int i = 0; valid && i < hexadecimal.length(); i++) {
            valid = HexFormat.isHexDigit(hexadecimal.charAt(i));
        }
        if (!valid) {
            throw new IllegalArgumentException(
                    "a signal set is 1 to 16 hexadecimal digits, not '" + hexadecimal + "'");
        }
        return new SignalSet(HexFormat.fromHexDigitsToLong(hexadecimal));
    }

    private static long bit(Signal signal) {
        return 1L << (signal.number() - 1);
    }

    /** Returns whether the set contains this signal. */
    public boolean contains(Signal signal) {
        return (bits & bit(signal)) != 0;
    }

    /** Returns whether the set is empty. */
    public boolean isEmpty() {
        return bits == 0;
    }

    /** Returns the signals of the set, in the order of their numbers. */
    public List<Signal> signals() {
        List<Signal> signals = new ArrayList<>(Long.bitCount(bits));
        for (long rest = bits; rest != 0; rest &= rest - 1) {
            signals.add(new Signal(Long.numberOfTrailingZeros(rest) + 1));
        }
        return List.copyOf(signals);
    }

    /** Returns the names of the signals: {@code {SIGHUP, SIGINT}}. */
    @Override
    public String toString() {
        var text = new StringBuilder("{");
        for (Signal signal : signals()) {
            text.append(text.length() == 1 ? "" : ", ").append(signal.name());
        }
        return text.append('}').toString();
    }
}
