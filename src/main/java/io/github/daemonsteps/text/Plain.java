package io.github.daemonsteps.text;

/** Text from elsewhere, made harmless: a path or a message may contain what would steer a terminal. */
public final class Plain {

    private Plain() {
    }

    /** The text with its control characters written as {@code \\x1b}. Line breaks count as such. */
    public static String of(String text) {
        var plain = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isISOControl(c)) {
                plain.append("\\x").append(c < 0x10 ? "0" : "").append(Integer.toHexString(c));
            } else {
                plain.append(c);
            }
        }
        return plain.toString();
    }

    /** The text on one line: a line break and the blanks around it become one blank. */
    public static String line(String text) {
        return of(text.strip().replaceAll("\\s*[\\r\\n]+\\s*", " ").replace('\t', ' '));
    }
}
