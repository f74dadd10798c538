package io.github.daemonsteps.cli;

import io.github.daemonsteps.posix.FileMode;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The command line, understood: a verb, and options with their values. */
final class Arguments {

    private final @Nullable Verb verb;
    private final Map<Option, String> options;

    private Arguments(@Nullable Verb verb, Map<Option, String> options) {
        this.verb = verb;
        this.options = options;
    }

    /**
     * Parses {@code VERB [OPTION...]}; options are {@code --name}, {@code --name VALUE} or {@code
     * --name=VALUE}.
     */
    static Arguments parse(String[] words) {
        Verb verb = null;
        Map<Option, String> options = new EnumMap<>(Option.class);
        for (int i = 0; i < words.length; i++) {
            String word = words[i];
            if (word.startsWith("-")) {
                int equals = word.indexOf('=');
                Option option = option(equals < 0 ? word : word.substring(0, equals));
                String value = "";
                if (option.value() == null) {
                    if (equals >= 0) {
                        throw new UsageException(
                                option.flag() + " takes no value, and here it has one: " + word);
                    }
                } else if (equals >= 0) {
                    value = word.substring(equals + 1);
                } else if (i + 1 < words.length) {
                    value = words[++i];
                } else {
                    throw new UsageException(option.flag() + " needs a value: " + option.usage());
                }
                if (options.put(option, value) != null) {
                    throw new UsageException(option.flag() + " is given twice");
                }
            } else if (verb == null) {
                verb = verb(word);
            } else {
                throw new UsageException(verb.word() + " takes options only, not '" + word + "'");
            }
        }
        for (Option option : options.keySet()) {
            if (verb != null && !verb.takes(option)) {
                throw new UsageException(verb.word() + " has no option " + option.flag());
            }
        }
        return new Arguments(verb, options);
    }

    private static Option option(String flag) {
        for (Option option : Option.values()) {
            if (option.flag().equals(flag)) {
                return option;
            }
        }
        throw new UsageException("unknown option '" + flag + "'");
    }

    private static Verb verb(String word) {
        for (Verb verb : Verb.values()) {
            if (verb.word().equals(word)) {
                return verb;
            }
        }
        throw new UsageException("unknown verb '" + word + "': it is one of " + Verb.list());
    }

    /** What to do, or null if nothing was said. */
    @Nullable
    Verb verb() {
        return verb;
    }

    boolean has(Option option) {
        return options.containsKey(option);
    }

    /**
     * An option's value as a path, made absolute from where the command was typed. Null if it was not given.
     */
    @Nullable
    Path path(Option option) {
        String value = options.get(option);
        if (value == null) {
            return null;
        }
        try {
            if (!value.isEmpty()) {
                return Path.of(value).toAbsolutePath().normalize();
            }
        } catch (InvalidPathException noPath) {
            throw new UsageException(option.flag() + ": '" + value + "' is no path: " + noPath.getReason());
        }
        throw new UsageException(option.flag() + " needs a path, and here it is empty");
    }

    /** An option's value as a file mode, or this one if it was not given. */
    FileMode mode(Option option, FileMode otherwise) {
        String value = options.get(option);
        if (value == null) {
            return otherwise;
        }
        try {
            FileMode mode = FileMode.parse(value);
            if (mode.bits() <= 0777) {
                return mode;
            }
        } catch (IllegalArgumentException noMode) {
            // said below, for both
        }
        throw new UsageException(option.flag() + ": '" + value
                + "' is no mask: it takes octal digits up to 0777, such as 027");
    }
}
