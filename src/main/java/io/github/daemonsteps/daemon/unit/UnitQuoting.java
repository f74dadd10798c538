package io.github.daemonsteps.daemon.unit;

import io.github.daemonsteps.posix.CString;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/**
 * The quoting of values in a unit file; see systemd.syntax(7), and "Command lines" and "Specifiers" in
 * systemd.service(5) and systemd.unit(5). A unit file is text in UTF-8. Only some settings have escapes.
 */
final class UnitQuoting {

    private static final String PLAIN = "[A-Za-z0-9_@%+=:,./-]+";

    private UnitQuoting() {
    }

    /** Returns an argument of a command line. A dollar sign would begin a variable, so it is doubled. */
    static CString argument(CString value) {
        return word(value, true);
    }

    /** Returns a word of a setting with C escapes and without variables, such as {@code Environment=}. */
    static CString word(CString value) {
        return word(value, false);
    }

    private static CString word(CString value, boolean hasVariables) {
        String text = value.toString();
        if (text.matches(PLAIN)) {
            return CString.of(text.replace("%", "%%"));
        }
        boolean isText = isText(value);
        var quoted = new ByteArrayOutputStream();
        quoted.write('"');
        for (byte b : value.bytes()) {
            if (b == '"' || b == '\\') {
                quoted.write('\\');
                quoted.write(b);
            } else if (b == '%' || (b == '$' && hasVariables)) {
                quoted.write(b);
                quoted.write(b);
            } else if (isControl(b) || (b < 0 && !isText)) {
                quoted.writeBytes(("\\x" + HexFormat.of().toHexDigits(b))
                        .getBytes(StandardCharsets.US_ASCII));
            } else {
                quoted.write(b);
            }
        }
        quoted.write('"');
        return CString.ofBytes(quoted.toByteArray());
    }

    /**
     * Returns a path as the whole value of a setting that has no quotes and no escapes, such as
     * {@code WorkingDirectory=}.
     *
     * @param what the use of the path, for the message
     * @throws IllegalArgumentException if a unit file cannot contain the path
     */
    static CString path(String what, CString path) {
        String text = path.toString();
        if (!isText(path) || hasControl(path) || !text.equals(text.strip()) || text.endsWith("\\")
                || ("/" + text + "/").contains("/../")) {
            throw new IllegalArgumentException(what + " " + path.quoted()
                    + ": cannot be written in a unit file; choose a path in UTF-8 without control characters,"
                    + " without .. and without a space or backslash at its end");
        }
        return CString.of(text.replace("%", "%%"));
    }

    /** Returns a path, which {@link #path} accepts, as a word of a setting with quotes and no C escapes. */
    static CString pathWord(String what, CString path) {
        String text = path(what, path).toString();
        return CString.of('"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"');
    }

    /**
     * Returns whether the program of a command line may have this path. systemd accepts neither quotes nor
     * backslashes nor control characters there.
     */
    static boolean isProgram(CString path) {
        return isText(path) && !hasControl(path) && path.indexOf('"') < 0 && path.indexOf('\'') < 0
                && path.indexOf('\\') < 0;
    }

    /** Returns whether the bytes are UTF-8 without characters that control a terminal. */
    static boolean isText(CString value) {
        String text = value.toString();
        return CString.of(text).equals(value) && text.chars().noneMatch(c -> c >= 0x80 && c <= 0x9f);
    }

    private static boolean hasControl(CString value) {
        for (byte b : value.bytes()) {
            if (isControl(b)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isControl(byte b) {
        return (b >= 0 && b < ' ') || b == 0x7f;
    }
}
