package io.github.daemonsteps.jvm;

import java.util.ArrayList;
import java.util.List;

/**
 * An argument of a command line.
 *
 * @param text the bytes of the argument, see {@link Latin1}
 * @param place the place of the argument
 */
record JvmArgument(String text, Place place) {

    /** The place of an argument, which decides whether the argument can be changed. */
    sealed interface Place {

        /** Returns the text that a message adds to an argument of this place. */
        String whereabouts();
    }

    /**
     * An element of the argument vector.
     *
     * @param index the index of the element
     */
    record Argument(int index) implements Place {

        @Override
        public String whereabouts() {
            return "";
        }
    }

    /** An option for the daemon only. */
    record DaemonOption() implements Place {

        @Override
        public String whereabouts() {
            return " among the daemon's JVM options";
        }
    }

    /**
     * A variable of the environment.
     *
     * @param name the name of the variable
     */
    record Variable(String name) implements Place {

        @Override
        public String whereabouts() {
            return " in " + name;
        }
    }

    /**
     * A file.
     *
     * @param quoted the file, quoted as an argument: {@code "@/etc/args"}
     */
    record OptionsFile(String quoted) implements Place {

        @Override
        public String whereabouts() {
            return " in " + quoted;
        }
    }

    JvmArgument withText(String newText) {
        return new JvmArgument(newText, place);
    }

    /** Returns the text that a message adds to the argument, such as " in JAVA_TOOL_OPTIONS". */
    String whereabouts() {
        return place.whereabouts();
    }

    static List<JvmArgument> all(List<String> texts, Place place) {
        List<JvmArgument> arguments = new ArrayList<>(texts.size());
        for (String text : texts) {
            arguments.add(new JvmArgument(text, place));
        }
        return arguments;
    }

    /**
     * Splits the value of {@code JDK_JAVA_OPTIONS}, {@code JAVA_TOOL_OPTIONS} or {@code _JAVA_OPTIONS}, or an
     * options file of the VM. The method splits at white space outside quotes of either kind, and removes the
     * quotes. No character escapes another one in such a value.
     */
    static List<String> cutVariable(String value) {
        List<String> arguments = new ArrayList<>();
        var argument = new StringBuilder();
        boolean begun = false;
        char quote = 0;
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (quote == 0 && isSpace(c)) {
                if (begun) {
                    arguments.add(argument.toString());
                }
                argument.setLength(0);
                begun = false;
            } else if (quote == 0 && (c == '"' || c == '\'')) {
                quote = c;
                begun = true;
            } else if (c == quote) {
                quote = 0;
            } else {
                argument.append(c);
                begun = true;
            }
        }
        if (begun) {
            arguments.add(argument.toString());
        }
        return arguments;
    }

    private static boolean isSpace(char c) {
        return c == ' ' || (c >= '\t' && c <= '\r');
    }
}
