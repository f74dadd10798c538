package io.github.daemonsteps.text;

import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A writer of JSON, RFC 8259. */
public final class Json {

    private Json() {
    }

    /**
     * Returns an object.
     *
     * @param namesAndValues names and values in turn; the values are already JSON
     */
    public static String object(String... namesAndValues) {
        var text = new StringBuilder("{");
        for (int i = 0; i < namesAndValues.length; i += 2) {
            text.append(i == 0 ? "" : ", ").append(string(namesAndValues[i])).append(": ")
                    .append(namesAndValues[i + 1]);
        }
        return text.append('}').toString();
    }

    /**
     * Returns an array.
     *
     * @param values the elements, already JSON
     * @param lines whether each element goes on a line of its own
     */
    public static String array(List<String> values, boolean lines) {
        String separator = lines ? ",\n " : ", ";
        return "[" + String.join(separator, values) + "]";
    }

    public static String string(@Nullable String text) {
        if (text == null) {
            return "null";
        }
        var json = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                json.append('\\').append(c);
            } else if (c < ' ' || c > '~') {
                json.append("\\u").append(HexFormat.of().toHexDigits(c));
            } else {
                json.append(c);
            }
        }
        return json.append('"').toString();
    }
}
