package io.github.daemonsteps.jvm;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;

/** The position of the paths in the value of an option. */
enum PathSyntax {
    /** The whole value is a path; an empty value is not a path. */
    FILE {
        @Override
        String map(String value, UnaryOperator<String> path) {
            return value.isEmpty() ? value : path.apply(value);
        }
    },
    /** The value is a key store, or {@code NONE}. */
    KEY_STORE {
        @Override
        String map(String value, UnaryOperator<String> path) {
            return value.equals("NONE") ? value : FILE.map(value, path);
        }
    },
    /** The value is a file, or a URL. {@code =} before the value means that the file replaces the default. */
    FILE_OR_URL {
        @Override
        String map(String value, UnaryOperator<String> path) {
            if (value.startsWith("=")) {
                return "=" + map(value.substring(1), path);
            }
            boolean absolute = value.startsWith("${") || value.matches("[A-Za-z][A-Za-z0-9+.-]*:/.*");
            return absolute ? value : FILE.map(value, path);
        }
    },
    /** The path ends at the first {@code =}. */
    FILE_THEN_OPTIONS {
        @Override
        String map(String value, UnaryOperator<String> path) {
            int end = value.indexOf('=');
            return end < 0
                    ? FILE.map(value, path)
                    : FILE.map(value.substring(0, end), path)
                            + value.substring(end);
        }
    },
    /** The paths stand between colons; an empty element is not a path. */
    LIST {
        @Override
        String map(String value, UnaryOperator<String> path) {
            return mapElements(value, ':', element -> FILE.map(element, path));
        }
    },
    /** The paths stand between colons; an empty element is the working directory. */
    CLASS_PATH {
        @Override
        String map(String value, UnaryOperator<String> path) {
            return mapElements(value, ':', path);
        }
    },
    /**
     * The paths stand between colons. An empty element is the working directory, except at the end, where it
     * is not a path.
     */
    MODULE_PATH {
        @Override
        String map(String value, UnaryOperator<String> path) {
            String elements = value.replaceFirst(":*$", "");
            return elements.isEmpty()
                    ? value
                    : CLASS_PATH.map(elements, path)
                            + value.substring(elements.length());
        }
    },
    /** The value is a module, {@code =}, and a {@link #LIST}. */
    MODULE_PATCH {
        @Override
        String map(String value, UnaryOperator<String> path) {
            int list = value.indexOf('=') + 1;
            return value.substring(0, list) + LIST.map(value.substring(list), path);
        }
    },
    /** The path is the output of {@code -Xlog}, the second part of the value, if the output is a file. */
    LOG_OUTPUT {
        private static final Set<String> NO_SELECTIONS = Set.of("async", "disable", "help");

        @Override
        String map(String value, UnaryOperator<String> path) {
            List<String> parts = split(value, ':', "\"");
            if (parts.size() < 2 || NO_SELECTIONS.contains(parts.getFirst())) {
                return value;
            }
            String output = parts.get(1);
            if (output.equals("stdout") || output.equals("stderr") || output.startsWith("#")) {
                return value;
            }
            String type = output.startsWith("file=") ? "file=" : "";
            parts.set(1, type + mapUnquoted(output.substring(type.length()), "\"", path));
            return String.join(":", parts);
        }
    },
    /**
     * The settings of a recording contain the path {@code filename}, and {@code settings} if that is a path.
     */
    FLIGHT_RECORDING {
        @Override
        String map(String value, UnaryOperator<String> path) {
            return mapElements(value, ',', setting -> mapSetting(mapSetting(setting, "filename=", path),
                    "settings=", file -> PREDEFINED.contains(file) ? file : path.apply(file)));
        }
    },
    /** The settings of the flight recorder contain the paths {@code repository} and {@code dumppath}. */
    FLIGHT_RECORDER {
        @Override
        String map(String value, UnaryOperator<String> path) {
            return mapElements(value, ',', setting -> mapSetting(mapSetting(setting, "repository=", path),
                    "dumppath=", path));
        }
    };

    private static final Set<String> PREDEFINED = Set.of("none", "default", "profile", "default.jfc",
            "profile.jfc");
    private static final String QUOTES = "\"'";

    /**
     * Returns {@code value} with the function applied to each path in it.
     *
     * @param value the value of an option
     * @param path the function that replaces a path
     */
    abstract String map(String value, UnaryOperator<String> path);

    /** Returns the paths in {@code value}, in order. */
    List<String> paths(String value) {
        var collector = new PathCollector();
        map(value, collector);
        return collector.paths;
    }

    /** Collects the paths that {@link #map} finds, and leaves them unchanged. */
    private static final class PathCollector implements UnaryOperator<String> {

        private final List<String> paths = new ArrayList<>();

        @Override
        public String apply(String path) {
            paths.add(path);
            return path;
        }
    }

    private static String mapElements(String value, char separator, UnaryOperator<String> each) {
        List<String> elements = split(value, separator, separator == ':' ? "" : QUOTES);
        elements.replaceAll(each);
        return String.join(String.valueOf(separator), elements);
    }

    private static String mapSetting(String setting, String name, UnaryOperator<String> path) {
        return setting.startsWith(name)
                ? name + mapUnquoted(setting.substring(name.length()), QUOTES, file -> FILE.map(file, path))
                : setting;
    }

    private static String mapUnquoted(String text, String quotes, UnaryOperator<String> path) {
        int last = text.length() - 1;
        if (last > 0 && quotes.indexOf(text.charAt(0)) >= 0 && text.charAt(last) == text.charAt(0)) {
            return text.charAt(0) + path.apply(text.substring(1, last)) + text.charAt(0);
        }
        return FILE.map(text, path);
    }

    /**
     * Splits the text at each {@code separator} that is not inside quotes.
     *
     * @param text the text
     * @param separator the separator
     * @param quotes the characters that quote; a quoted part ends with the character that began it
     */
    private static List<String> split(String text, char separator, String quotes) {
        List<String> parts = new ArrayList<>();
        char quote = 0;
        int begin = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == quote) {
                quote = 0;
            } else if (quote == 0 && quotes.indexOf(c) >= 0) {
                quote = c;
            } else if (quote == 0 && c == separator) {
                parts.add(text.substring(begin, i));
                begin = i + 1;
            }
        }
        parts.add(text.substring(begin));
        return parts;
    }
}
