package io.github.daemonsteps.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads JSON strictly: what the command writes must be JSON to the last character. */
public final class JsonReader {

    private final String text;
    private int at;

    private JsonReader(String text) {
        this.text = text;
    }

    /** Reads an array of objects. */
    @SuppressWarnings("unchecked")
    public static List<Map<String, Object>> objects(String json) {
        var reader = new JsonReader(json);
        Object value = reader.value();
        reader.blanks();
        if (reader.at != json.length()) {
            throw reader.wrong();
        }
        return (List<Map<String, Object>>) value;
    }

    /** A member that is an object. */
    @SuppressWarnings("unchecked")
    static Map<String, Object> object(Map<String, Object> object, String name) {
        return (Map<String, Object>) object.get(name);
    }

    private @Nullable Object value() {
        blanks();
        char c = text.charAt(at);
        return switch (c) {
            case '[' -> array();
            case '{' -> object();
            case '"' -> string();
            case 'n' -> word("null", null);
            case 't' -> word("true", true);
            case 'f' -> word("false", false);
            default -> number();
        };
    }

    private List<Object> array() {
        List<Object> array = new ArrayList<>();
        expect('[');
        while (!next(']')) {
            if (!array.isEmpty()) {
                expect(',');
            }
            array.add(value());
        }
        return array;
    }

    private Map<String, Object> object() {
        Map<String, Object> object = new LinkedHashMap<>();
        expect('{');
        while (!next('}')) {
            if (!object.isEmpty()) {
                expect(',');
            }
            blanks();
            String name = string();
            expect(':');
            if (object.containsKey(name)) {
                throw wrong();
            }
            object.put(name, value());
        }
        return object;
    }

    private String string() {
        var string = new StringBuilder();
        expect('"');
        while (text.charAt(at) != '"') {
            char c = text.charAt(at++);
            if (c < ' ') {
                throw wrong();
            }
            if (c != '\\') {
                string.append(c);
            } else if (text.charAt(at) == 'u') {
                string.append((char) Integer.parseInt(text, at + 1, at + 5, 16));
                at += 5;
            } else {
                string.append(text.charAt(at++));
            }
        }
        at++;
        return string.toString();
    }

    private Long number() {
        int from = at;
        while (Character.isDigit(text.charAt(at)) || text.charAt(at) == '-') {
            at++;
        }
        return Long.valueOf(text.substring(from, at));
    }

    private @Nullable Object word(String word, @Nullable Object meaning) {
        if (!text.startsWith(word, at)) {
            throw wrong();
        }
        at += word.length();
        return meaning;
    }

    private void expect(char c) {
        if (!next(c)) {
            throw wrong();
        }
    }

    private boolean next(char c) {
        blanks();
        boolean is = text.charAt(at) == c;
        at += is ? 1 : 0;
        return is;
    }

    private void blanks() {
        while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
            at++;
        }
    }

    private AssertionError wrong() {
        return new AssertionError(
                "no JSON at character " + at + ": " + text.substring(Math.max(0, at - 40), at) + " <-- here");
    }
}
