package io.github.daemonsteps.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.testing.ChildJvm;
import io.github.daemonsteps.text.TerminalSafe;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Thousands of random command lines, parsed by the code and by a second parser that has its rules from the
 * manual page alone. Both accept the same lines, and a wrong line gets one line of message.
 */
class RandomArgumentsTest {

    private static final int LINES = 20_000;

    /** An option of the manual page: its flag, its value if it has one, and its text. */
    private static final Pattern ENTRY = Pattern.compile(
            "^\\.TP\\n\\.BI? (?:\"?)\\\\-\\\\-([a-z\\\\-]+)(?: \"? ?([^\"\\n]+)\"?)?\\n(.*?)^Subcommands: ([a-z, \\n]+)\\.$",
            Pattern.MULTILINE | Pattern.DOTALL);

    /** The text of the manual page on an option. */
    private record Rule(boolean hasValue, boolean mayRepeat, Set<String> subcommands) {}

    private final Map<String, Rule> rules = rules();

    private static Map<String, Rule> rules() {
        String page;
        try {
            page = Files.readString(ChildJvm.baseDirectory().resolve("docs/daemon-steps.8"));
        } catch (IOException unreadable) {
            throw new java.io.UncheckedIOException(unreadable);
        }
        Map<String, Rule> rules = new HashMap<>();
        for (MatchResult entry : ENTRY.matcher(page.substring(page.indexOf(".SH OPTIONS"),
                page.indexOf(".SH EXIT STATUS"))).results().toList()) {
            Set<String> subcommands = entry.group(4).equals("all")
                    ? Set.copyOf(RandomCommandLines.SUBCOMMANDS)
                    : Set.of(entry.group(4).split(",\\s+"));
            rules.put("--" + entry.group(1).replace("\\", ""), new Rule(entry.group(2) != null,
                    entry.group(3).contains("May be given more than once."), subcommands));
        }
        return rules;
    }

    /** The meaning of a command line, or null if the line is wrong. */
    private record Meaning(@Nullable String subcommand, Map<String, List<String>> options,
            List<String> command) {}

    private @Nullable Meaning meaning(List<String> line) {
        int hyphens = line.size();
        String subcommand = null;
        Map<String, List<String>> options = new HashMap<>();
        for (int i = 0; i < hyphens; i++) {
            String word = line.get(i);
            if (word.equals("--")) {
                hyphens = i;
            } else if (!word.startsWith("-")) {
                if (subcommand != null || !RandomCommandLines.SUBCOMMANDS.contains(word)) {
                    return null;
                }
                subcommand = word;
            } else {
                String[] parts = word.split("=", 2);
                Rule rule = rules.get(parts[0]);
                boolean follows = parts.length == 1 && rule != null && rule.hasValue;
                if (rule == null || (parts.length == 2 && !rule.hasValue)
                        || (follows && i + 1 == line.size())) {
                    return null;
                }
                String value = follows ? line.get(++i) : parts.length == 2 ? parts[1] : "";
                options.computeIfAbsent(parts[0], _ -> new ArrayList<>()).add(value);
                if (options.get(parts[0]).size() > 1 && !rule.mayRepeat) {
                    return null;
                }
            }
        }
        List<String> command = line.subList(Math.min(line.size(), hyphens + 1), line.size());
        return isConsistent(subcommand, options.keySet(), command)
                ? new Meaning(subcommand, options, command)
                : null;
    }

    /** SYNOPSIS, "Subcommands:" of each option, and the text on options that need a command. */
    private boolean isConsistent(@Nullable String subcommand, Set<String> options, List<String> command) {
        if (subcommand == null) {
            return command.isEmpty();
        }
        if (!options.stream()
                .allMatch(option -> Objects.requireNonNull(rules.get(option)).subcommands
                        .contains(subcommand))) {
            return false;
        }
        boolean asks = options.contains("--help") || options.contains("--version");
        return switch (subcommand) {
            case "start", "restart", "run", "nohup", "unit", "logrotate" ->
                asks || (!command.isEmpty() && !command.getFirst().isEmpty());
            case "plan", "trace" -> !command.isEmpty() || options.stream()
                    .noneMatch(Set.of("--name", "--pid-file", "--error-log", "--keep-fd", "--user",
                            "--no-new-privs", "--no-core", "--ready")::contains);
            default -> command.isEmpty();
        };
    }

    private static boolean isDuration(String text) {
        if (!text.matches("[0-9]{1,9}(ms|s|m)")) {
            return false;
        }
        String digits = text.replaceAll("[a-z]", "");
        long millis = Long.parseLong(digits) * (text.endsWith("ms") ? 1 : text.endsWith("s") ? 1000 : 60_000);
        return millis > 0 && millis <= 365L * 24 * 60 * 60 * 1000;
    }

    private static boolean isName(String text) {
        return !text.isEmpty() && text.length() <= 100 && text.charAt(0) != '.' && text.charAt(0) != '-'
                && text.chars().noneMatch(c -> c == '/' || c < ' ' || (c >= 0x7f && c < 0xa0));
    }

    private static boolean isDescriptor(String text) {
        return text.matches("[0-9]{1,9}") && Integer.parseInt(text) > 2;
    }

    /** Returns whether the values of an otherwise correct start are those of the manual page. */
    private static boolean valuesAreRight(Meaning meaning) {
        String command = meaning.command.getFirst();
        String name = only(meaning, "--name", command.substring(command.lastIndexOf('/') + 1));
        List<String> kept = meaning.options.getOrDefault("--keep-fd", List.of());
        String ready = only(meaning, "--ready", "exec");
        boolean isReady =
                ready.equals("exec") || (ready.startsWith("fd:") && isDescriptor(ready.substring(3)));
        return isName(name)
                && List.of("--pid-file", "--log", "--error-log", "--chdir").stream()
                        .noneMatch(option -> only(meaning, option, "x").isEmpty())
                && only(meaning, "--umask", "0").matches("0*[0-7]{1,3}")
                && kept.stream().allMatch(RandomArgumentsTest::isDescriptor)
                && meaning.options.getOrDefault("--env", List.of()).stream()
                        .allMatch(set -> set.indexOf('=') > 0)
                && isDuration(only(meaning, "--timeout", "1s")) && isReady
                && (ready.equals("exec") || kept.stream().noneMatch(fd -> Integer.parseInt(fd) == Integer
                        .parseInt(ready.substring(3))));
    }

    private static String only(Meaning meaning, String option, String otherwise) {
        return meaning.options.getOrDefault(option, List.of(otherwise)).getFirst();
    }

    @Test
    void manual_page_has_a_rule_for_each_option() {
        assertThat(rules).hasSameSizeAs(Option.values())
                .containsEntry("--env", new Rule(true, true, Set.of("start", "restart", "run",
                        "nohup", "unit", "logrotate")))
                .containsEntry("--stop", new Rule(false, false, Set.of("demo")));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 42, 20261124})
    void random_command_line_is_parsed_by_the_manual_page_or_refused_in_one_line(long seed) {
        takesWhatThePageSays(seed, LINES);
    }

    @Tag("stress")
    @Test
    void million_random_command_lines_are_parsed_or_refused() {
        takesWhatThePageSays(new Random().nextLong(), 1_000_000);
    }

    private void takesWhatThePageSays(long seed, int lines) {
        System.out.println("RandomArgumentsTest: seed " + seed);
        var random = new RandomCommandLines(seed);
        int taken = 0;
        int startable = 0;
        Set<String> refusals = new HashSet<>();
        for (int i = 0; i < lines; i++) {
            List<String> line = random.next();
            Meaning meaning = meaning(line);
            Arguments arguments = null;
            try {
                arguments = Arguments.parse(CString.listOf(line.toArray(String[]::new)));
            } catch (UsageException wrong) {
                refusals.add(kind(wrong));
            }
            assertThat(arguments != null).as("seed %d: %s", seed, line).isEqualTo(meaning != null);
            if (arguments != null && meaning != null) {
                taken++;
                assertSame(meaning, arguments, line);
                if (meaning.subcommand != null && Set.of("start", "restart").contains(meaning.subcommand)
                        && !meaning.command.isEmpty() && !meaning.command.getFirst().isEmpty()) {
                    boolean right = valuesAreRight(meaning);
                    assertThat(isTaken(arguments)).as("seed %d: %s", seed, line).isEqualTo(right);
                    startable += right ? 1 : 0;
                }
            }
        }
        // Otherwise the test would prove nothing.
        assertThat(taken).isBetween(lines / 20, lines - lines / 20);
        assertThat(startable).isGreaterThan(lines / 200);
        assertThat(refusals).hasSizeGreaterThanOrEqualTo(8);
    }

    /**
     * Returns the message without the typed text. The message must exist and must not have a stack trace.
     */
    private static String kind(UsageException wrong) {
        String message = Objects.requireNonNull(wrong.getMessage());
        assertThat(TerminalSafe.line(message)).isNotBlank().doesNotContain("\n", "Exception");
        return message.replaceAll("(?s)'.*'|\".*\"", "").replaceAll("--[a-z-]+|^[a-z]+ |: .*", "");
    }

    private static void assertSame(Meaning meaning, Arguments arguments, List<String> line) {
        Subcommand subcommand = arguments.subcommand();
        assertThat(subcommand == null ? null : subcommand.spelling()).as("%s", line)
                .isEqualTo(meaning.subcommand);
        assertThat(arguments.command()).as("%s", line)
                .isEqualTo(CString.listOf(meaning.command.toArray(String[]::new)));
        for (Option option : Option.values()) {
            assertThat(arguments.has(option)).as("%s", line)
                    .isEqualTo(meaning.options.containsKey(option.flag()));
            assertThat(arguments.values(option)).as("%s", line).isEqualTo(CString.listOf(
                    meaning.options.getOrDefault(option.flag(), List.of()).toArray(String[]::new)));
        }
    }

    /** Reads the values as a start does, up to its first effect. */
    private static boolean isTaken(Arguments arguments) {
        try {
            assertThat(LifecycleCommands.daemonOfCommand(arguments).name()).isNotEmpty();
            assertThat(LifecycleCommands.environment(arguments, LifecycleCommands.identity(arguments))
                    .variables())
                    .isNotNull();
            assertThat(LifecycleCommands.readiness(arguments)).isNotNull();
            assertThat(arguments.duration(Option.TIMEOUT)).isNotNull();
            return true;
        } catch (UsageException wrong) {
            kind(wrong);
            return false;
        }
    }
}
