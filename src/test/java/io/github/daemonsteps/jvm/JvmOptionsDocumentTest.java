package io.github.daemonsteps.jvm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class JvmOptionsDocumentTest {

    private static final String DOCUMENT = document();

    @Test
    void document_lists_the_paths_that_become_absolute() {
        assertThat(optionsOf("Relative paths that are made absolute"))
                .containsExactlyInAnyOrderElementsOf(spellings(true));
    }

    @Test
    void document_lists_the_relative_paths_that_are_refused() {
        assertThat(optionsOf("Relative paths that are refused"))
                .containsExactlyInAnyOrderElementsOf(spellings(false));
    }

    @Test
    void document_lists_the_conflicting_options() {
        assertThat(tableOf("Options that act twice"))
                .containsExactlyElementsOf(
                        ConflictingOption.ALL.stream().map(JvmOptionsDocumentTest::line).toList());
    }

    @Test
    void document_has_each_option_once() {
        assertThat(PathOption.ALL).extracting(PathOption::spelling).doesNotHaveDuplicates();
    }

    private static String line(ConflictingOption row) {
        return "| `" + row.spelling() + "` " + row.when() + (row.when().isEmpty() ? "" : " ") + "| "
                + row.verdict().name().toLowerCase(Locale.ROOT) + " | " + row.reason() + " |";
    }

    private static List<String> spellings(boolean madeAbsolute) {
        return PathOption.ALL.stream()
                .filter(row -> row.madeAbsolute() == madeAbsolute)
                .map(PathOption::spelling)
                .toList();
    }

    /** The code in the first column. */
    private static List<String> optionsOf(String section) {
        return tableOf(section).stream()
                .map(line -> line.substring(0, line.indexOf("|", 1)))
                .flatMap(cell -> Pattern.compile("`([^`]*)`").matcher(cell).results())
                .map(code -> code.group(1))
                .toList();
    }

    private static List<String> tableOf(String section) {
        return DOCUMENT.substring(DOCUMENT.indexOf("## " + section)).lines()
                .dropWhile(line -> !line.startsWith("|---"))
                .skip(1)
                .takeWhile(line -> line.startsWith("|"))
                .toList();
    }

    private static String document() {
        try {
            return Files.readString(Path.of("docs/jvm-options.md"));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
