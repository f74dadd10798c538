package io.github.daemonsteps.cli;

import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.FileMode;
import io.github.daemonsteps.posix.Signal;
import io.github.daemonsteps.posix.StandardDescriptors;
import io.github.daemonsteps.text.AsciiNumber;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The parsed command line: a subcommand, options with their values, and the command after them. */
final class Arguments {

    private static final Pattern DURATION = Pattern.compile("([0-9]{1,9})(ms|s|m)");

    private final @Nullable Subcommand subcommand;
    private final Map<Option, List<CString>> options;
    private final List<CString> command;

    private Arguments(@Nullable Subcommand subcommand, Map<Option, List<CString>> options,
            List<CString> command) {
        this.subcommand = subcommand;
        this.options = options;
        this.command = List.copyOf(command);
    }

    /**
     * Parses {@code SUBCOMMAND [OPTION...] [-- COMMAND [ARG...]]}. Options are {@code --name},
     * {@code --name VALUE} or {@code --name=VALUE}. {@code help} in the place of the subcommand, or before
     * it, is {@code --help}.
     *
     * @param words the command line, byte for byte
     * @return the parsed command line
     */
    static Arguments parse(List<CString> words) {
        Subcommand subcommand = null;
        Map<Option, List<CString>> options = new EnumMap<>(Option.class);
        List<CString> command = List.of();
        for (int i = 0; i < words.size(); i++) {
            String argument = words.get(i).toString();
            if (argument.equals("--")) {
                command = words.subList(i + 1, words.size());
                break;
            } else if (subcommand == null && argument.equals("help")) {
                options.putIfAbsent(Option.HELP, new ArrayList<>());
            } else if (argument.startsWith("-")) {
                int equals = words.get(i).indexOf('=');
                Option option = option(equals < 0 ? argument : words.get(i).until(equals).toString());
                CString value = CString.of("");
                if (option.value() == null) {
                    if (equals >= 0) {
                        throw new UsageException(
                                option.flag() + " takes no value, but has one: " + argument);
                    }
                } else if (equals >= 0) {
                    value = words.get(i).from(equals + 1);
                } else if (i + 1 < words.size()) {
                    value = words.get(++i);
                } else {
                    throw new UsageException(option.flag() + " needs a value: " + option.usage());
                }
                List<CString> values = options.computeIfAbsent(option, _ -> new ArrayList<>());
                if (!values.isEmpty() && !option.isRepeated()) {
                    throw new UsageException(option.flag() + " is given twice");
                }
                values.add(value);
            } else if (subcommand == null) {
                subcommand = subcommand(argument);
            } else if (subcommand.mayHaveCommand()) {
                throw new UsageException("'" + argument + "' is not an option; put a command after --");
            } else {
                throw new UsageException(
                        subcommand.spelling() + " takes options only, not '" + argument + "'");
            }
        }
        var arguments = new Arguments(subcommand, options, command);
        arguments.check();
        return arguments;
    }

    private void check() {
        if (subcommand == null) {
            if (!command.isEmpty()) {
                throw new UsageException("a subcommand is missing before --: " + Subcommand.list());
            }
            return;
        }
        for (Option option : options.keySet()) {
            if (!subcommand.takes(option)) {
                throw new UsageException(subcommand.spelling() + " has no option " + option.flag());
            }
        }
        if (!command.isEmpty() && !subcommand.mayHaveCommand()) {
            throw new UsageException(
                    subcommand.spelling() + " takes no command, but has " + command.getFirst().quoted());
        }
        if (command.isEmpty() && subcommand.mayHaveCommand() && !subcommand.needsCommand()) {
            for (Option option : Subcommand.OF_A_COMMAND) {
                if (has(option)) {
                    throw new UsageException(
                            subcommand.spelling() + " has " + option.flag()
                                    + " only with a command after --");
                }
            }
        }
        if (has(Option.KEEP_ENV) && !has(Option.USER)) {
            throw new UsageException(
                    Option.KEEP_ENV.flag() + ": no effect without --user; give " + Option.USER.flag()
                            + " too");
        }
        boolean asksOnly = has(Option.HELP) || has(Option.VERSION);
        if (subcommand.needsCommand() && !asksOnly
                && (command.isEmpty() || command.getFirst().length() == 0)) {
            throw new UsageException(
                    subcommand.spelling() + " needs a command after --: " + subcommand.usage());
        }
    }

    private static Option option(String flag) {
        if (flag.equals("-h")) {
            return Option.HELP;
        }
        for (Option option : Option.values()) {
            if (option.flag().equals(flag)) {
                return option;
            }
        }
        throw new UsageException("unknown option '" + flag + "'");
    }

    private static Subcommand subcommand(String argument) {
        for (Subcommand subcommand : Subcommand.values()) {
            if (subcommand.spelling().equals(argument)) {
                return subcommand;
            }
        }
        throw new UsageException("unknown subcommand '" + argument + "'; give one of " + Subcommand.list());
    }

    /** Returns the subcommand, or null if none was given. */
    @Nullable
    Subcommand subcommand() {
        return subcommand;
    }

    boolean has(Option option) {
        return options.containsKey(option);
    }

    /** Returns the command and its arguments, byte for byte; empty if none was given. */
    List<CString> command() {
        return command;
    }

    /** Returns the values of an option, byte for byte; empty if the option was not given. */
    List<CString> values(Option option) {
        return options.getOrDefault(option, List.of());
    }

    Optional<CString> value(Option option) {
        return values(option).stream().findFirst();
    }

    /** Returns an option's value as a path, made absolute against the caller's working directory. */
    Optional<CString> path(Option option) {
        return value(option).map(path -> {
            if (path.length() == 0) {
                throw new UsageException(option.flag() + ": empty path; give a path");
            }
            return WorkingDirectory.absolute(path);
        });
    }

    /** Returns an option's value as a file mode. */
    Optional<FileMode> mode(Option option) {
        return value(option).map(CString::toString).map(value -> {
            try {
                FileMode mode = FileMode.parse(value);
                if (mode.bits() <= 0777) {
                    return mode;
                }
            } catch (IllegalArgumentException e) {
                // thrown below, for both cases
            }
            throw new UsageException(option.flag() + ": invalid mask '" + value
                    + "'; give octal digits up to 0777, such as 027");
        });
    }

    /** Returns an option's value as a signal. */
    Optional<Signal> signal(Option option) {
        return value(option).map(CString::toString).map(value -> {
            try {
                return Signal.parse(value);
            } catch (IllegalArgumentException e) {
                throw new UsageException(option.flag() + ": " + e.getMessage());
            }
        });
    }

    /** Returns an option's value as a time. */
    Optional<Duration> duration(Option option) {
        return value(option).map(value -> duration(option, value.toString()));
    }

    /** Parses a duration. */
    static Duration duration(Option option, String text) {
        Matcher matcher = DURATION.matcher(text);
        if (matcher.matches()) {
            long number = AsciiNumber.parseLong(matcher.group(1));
            Duration duration = switch (matcher.group(2)) {
                case "ms" -> Duration.ofMillis(number);
                case "s" -> Duration.ofSeconds(number);
                default -> Duration.ofMinutes(number);
            };
            if (duration.isPositive() && duration.compareTo(Duration.ofDays(365)) <= 0) {
                return duration;
            }
        }
        throw new UsageException(option.flag() + ": invalid duration '" + text
                + "'; give a number above 0 and a unit, such as 500ms, 2s or 1m, up to 365 days");
    }

    /** Parses a descriptor above 2. */
    static int descriptor(Option option, String text) {
        if (text.matches("[0-9]{1,9}") && !StandardDescriptors.contains(AsciiNumber.parseInt(text))) {
            return AsciiNumber.parseInt(text);
        }
        throw new UsageException(
                option.flag() + ": invalid descriptor '" + text + "' (must be 3 or higher)");
    }
}
