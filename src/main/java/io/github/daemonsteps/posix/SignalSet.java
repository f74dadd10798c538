package io.github.daemonsteps.posix;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * A set of signals, as {@code /proc/PID/status} and the kernel have it.
 *
 * @param bits bit n - 1 stands for signal n
 */
public record SignalSet(long bits) {

    /** No signal. */
    public static final SignalSet NONE = new SignalSet(0);

    /** Every signal. */
    public static final SignalSet ALL = new SignalSet(-1);

    private static final int DIGITS = Long.SIZE / 4;

    /** The set of these. */
    public static SignalSet of(Signal... signals) {
        long bits = 0;
        for (Signal signal : signals) {
            bits |= bit(signal);
        }
        return new SignalSet(bits);
    }

    /**
     * Reads one to sixteen hexadecimal digits, as in proc_pid_status(5).
     *
     * @throws IllegalArgumentException if it is anything else, with or without a sign or spaces
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

    /** Whether it has this one. */
    public boolean contains(Signal signal) {
        return (bits & bit(signal)) != 0;
    }

    /** Whether it has none. */
    public boolean isEmpty() {
        return bits == 0;
    }

    /** Its signals, in the order of their numbers. */
    public List<Signal> signals() {
        List<Signal> signals = new ArrayList<>(Long.bitCount(bits));
        for (long rest = bits; rest != 0; rest &= rest - 1) {
            signals.add(new Signal(Long.numberOfTrailingZeros(rest) + 1));
        }
        return List.copyOf(signals);
    }

    /** Their names: {@code {SIGHUP, SIGINT}}. */
    @Override
    public String toString() {
        var text = new StringBuilder("{");
        for (Signal signal : signals()) {
            text.append(text.length() == 1 ? "" : ", ").append(signal.name());
        }
        return text.append('}').toString();
    }
}
