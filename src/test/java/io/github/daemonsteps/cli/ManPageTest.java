package io.github.daemonsteps.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNoException;

import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.testing.ChildJvm;
import io.github.daemonsteps.testing.Command;
import io.github.daemonsteps.testing.Tool;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The statements of docs/daemon-steps.8: its subcommands, options and exit statuses are those of the code,
 * its examples can be parsed, and it can be formatted.
 */
class ManPageTest {

    private static final Path PAGE = ChildJvm.baseDirectory().resolve("docs/daemon-steps.8");

    private static final Pattern WORD = Pattern.compile("(?:\"([^\"]*)\"|([^ ]+)) *");
    private static final Pattern OPTION = Pattern.compile("(?<![-\\w])--[a-z][-a-z]*");
    private static final Pattern SUBCOMMANDS =
            Pattern.compile("^Subcommands: ([a-z, ]+)\\.$", Pattern.MULTILINE);
    private static final Pattern STATUS = Pattern.compile("^  (\\d)  ", Pattern.MULTILINE);

    private static final List<String> LINES = plain(read());

    private static List<String> read() {
        try {
            return Files.readAllLines(PAGE);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    /**
     * The page's lines without their fonts: a line of text in fonts that take turns has only the text. The macros
     * that do not set a font stay, and comments go.
     */
    private static List<String> plain(List<String> lines) {
        List<String> plain = new ArrayList<>();
        for (String line : lines) {
            if (line.startsWith(".\\\"")) {
                continue;
            }
            String text =
                    line.replaceAll("\\\\f[BIR]|\\\\&|\\\\%", "").replace("\\-", "-").replace("\\~", " ")
                            .replace("\\(aq", "'").replace("\\(ti", "~").replace("\\e", "\\");
            plain.add(text.matches("\\.[BI][RBI] .*")
                    ? alternating(text.substring(4))
                    : text.matches("\\.[BI] .*") ? text.substring(3).replace("\"", "") : text);
        }
        return plain;
    }

    /**
     * The arguments of a macro such as {@code .BI}, which are set without a space between them. Quotes keep
     * their spaces.
     */
    private static String alternating(String words) {
        return WORD.matcher(words).replaceAll("$1$2");
    }

    private static List<String> section(String title) {
        assertThat(LINES).contains(".SH " + title);
        return LINES.stream().dropWhile(line -> !line.equals(".SH " + title)).skip(1)
                .takeWhile(line -> !line.startsWith(".SH ")).toList();
    }

    /** The entries of a section, each with its text. */
    private static Map<String, String> entries(String section) {
        Map<String, String> entries = new LinkedHashMap<>();
        List<String> lines = section(section);
        String tag = "";
        for (int i = 0; i < lines.size(); i++) {
            if (lines.get(i).equals(".TP")) {
                tag = lines.get(++i);
                assertThat(entries).as(section).doesNotContainKey(tag);
                entries.put(tag, "");
            } else if (!tag.isEmpty()) {
                entries.merge(tag, lines.get(i) + "\n", String::concat);
            }
        }
        return entries;
    }

    @Test
    void manual_page_has_each_subcommand_with_its_usage() {
        assertThat(entries("SUBCOMMANDS").keySet())
                .containsExactlyElementsOf(
                        Arrays.stream(Subcommand.values()).map(Subcommand::usage).toList());
    }

    @Test
    void manual_page_has_each_option_with_its_value() {
        assertThat(entries("OPTIONS").keySet())
                .containsExactlyElementsOf(Arrays.stream(Option.values()).map(Option::usage).toList());
    }

    @Test
    void manual_page_names_the_subcommands_of_each_option() {
        Map<String, String> entries = entries("OPTIONS");
        for (Option option : Option.values()) {
            List<String> takers =
                    Arrays.stream(Subcommand.values()).filter(subcommand -> subcommand.takes(option))
                            .map(Subcommand::spelling).toList();
            String all = takers.size() == Subcommand.values().length ? "all" : String.join(", ", takers);
            assertThat(groups(SUBCOMMANDS, entries.getOrDefault(option.usage(), ""))).as(option.flag())
                    .containsExactly(all);
        }
    }

    @Test
    void manual_page_marks_repeatable_options() {
        Map<String, String> entries = entries("OPTIONS");
        for (Option option : Option.values()) {
            assertThat(entries.getOrDefault(option.usage(), "").contains("May be given more than once."))
                    .as(option.flag()).isEqualTo(option.isRepeated());
        }
    }

    @Test
    void manual_page_names_existing_options_only() {
        List<String> flags = Arrays.stream(Option.values()).map(Option::flag).toList();
        String ours = String.join("\n", LINES).replace("--bind 127.0.0.1 --directory ", ""); // those of http.server
        assertThat(OPTION.matcher(ours).results().map(MatchResult::group))
                .isNotEmpty().isSubsetOf(flags);
    }

    @Test
    void manual_page_has_the_exit_statuses_of_the_help() {
        List<String> statuses = groups(STATUS, Help.text(null, "daemon-steps"));
        assertThat(statuses).isNotEmpty();
        assertThat(entries("EXIT STATUS").keySet()).containsExactlyElementsOf(statuses);
    }

    @Test
    void examples_of_manual_page_can_be_parsed() {
        assertThat(examples("EXAMPLES")).hasSizeGreaterThanOrEqualTo(5).allSatisfy(ManPageTest::parse);
    }

    @Test
    void manual_page_has_an_example_of_each_subcommand() {
        List<String> examples = examples("SUBCOMMANDS");
        assertThat(examples).allSatisfy(ManPageTest::parse);
        assertThat(examples.stream().map(example -> example.split(" ")[1]).distinct())
                .containsExactlyElementsOf(
                        Arrays.stream(Subcommand.values()).map(Subcommand::spelling).toList());
    }

    /** The command lines in a section, each on one line. */
    private static List<String> examples(String section) {
        return String.join("\n", section(section)).replaceAll(" \\\\\n *", " ").lines()
                .filter(line -> line.startsWith("daemon-steps ")).toList();
    }

    private static void parse(String example) {
        String[] words = example.replaceFirst(" \\|\\| .*", "").split(" ");
        assertThatNoException().isThrownBy(
                () -> Arguments.parse(CString.listOf(Arrays.copyOfRange(words, 1, words.length))));
    }

    @ParameterizedTest
    @ValueSource(strings = {"groff -man -Tutf8 -ww -z", "mandoc -Tlint -Wwarning"})
    void manual_page_is_formatted_without_a_warning(String formatter) throws Exception {
        List<String> command = new ArrayList<>(List.of(formatter.split(" ")));
        Tool.need(command.getFirst());
        command.add(PAGE.toString());
        Command formatted = Command.run(command.toArray(String[]::new));
        assertThat(formatted.output()).isEmpty();
        assertThat(formatted.status()).isZero();
    }

    private static List<String> groups(Pattern pattern, String text) {
        return pattern.matcher(text).results().map(found -> found.group(1)).toList();
    }
}
