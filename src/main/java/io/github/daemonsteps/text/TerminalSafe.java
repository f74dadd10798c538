package io.github.daemonsteps.text;

/**
 * Text from other sources, made safe to print. A path or a message may contain sequences that control a
 * terminal.
 */
public final class TerminalSafe {

    private static final int ZERO_WIDTH_NON_JOINER = 0x200c;
    private static final int ZERO_WIDTH_JOINER = 0x200d;

    private TerminalSafe() {
    }

    /**
     * Returns the text with its control characters and format controls escaped. Control characters, line
     * breaks too, become {@code \\x1b}, and format controls {@code \\u202e}. Format controls change the order
     * in which a terminal shows the text, or are invisible. The joiners remain, since some scripts need them
     * within words.
     */
    public static String of(String text) {
        var plain = new StringBuilder();
        for (int i = 0; i < text.length(); i += Character.charCount(text.codePointAt(i))) {
            int c = text.codePointAt(i);
            if (Character.isISOControl(c)) {
                plain.append("\\x").append(c < 0x10 ? "0" : "").append(Integer.toHexString(c));
            } else if (isFormatControl(c)) {
                plain.append("\\u").append(c < 0x1000 ? "00" : "").append(Integer.toHexString(c));
            } else {
                plain.appendCodePoint(c);
            }
        }
        return plain.toString();
    }

    private static boolean isFormatControl(int c) {
        return Character.getType(c) == Character.FORMAT && c != ZERO_WIDTH_NON_JOINER
                && c != ZERO_WIDTH_JOINER;
    }

    /** Returns the text on one line: a line break and the blanks around it become one blank. */
    public static String line(String text) {
        return of(text.strip().replaceAll("\\s*[\\r\\n]+\\s*", " ").replace('\t', ' '));
    }
}
