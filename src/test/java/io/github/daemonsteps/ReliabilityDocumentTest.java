package io.github.daemonsteps;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daemonsteps.testing.ChildJvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** docs/reliability.md: each promise names tests, and there are such tests. */
class ReliabilityDocumentTest {

    private static final Path DOCUMENT = ChildJvm.baseDirectory().resolve("docs/reliability.md");
    private static final Path TESTS = ChildJvm.baseDirectory().resolve("src/test/java");

    /** {@code `ForkedProcessIT`} or {@code `ForkedProcessIT.a_call_that_does_not_return`}. */
    private static final Pattern NAMED = Pattern.compile("`(\\w+(?:IT|Test))(?:\\.(\\w+))?`");

    private static Map<String, String> tests() throws IOException {
        Map<String, String> tests = new TreeMap<>();
        try (Stream<Path> files = Files.walk(TESTS)) {
            for (Path file : files.filter(path -> path.toString().endsWith(".java")).toList()) {
                String name = file.getFileName().toString();
                tests.put(name.substring(0, name.length() - ".java".length()), Files.readString(file));
            }
        }
        return tests;
    }

    @Test
    void named_test_exists() throws IOException {
        Map<String, String> tests = tests();
        List<String> missing = new ArrayList<>();
        List<MatchResult> named = NAMED.matcher(Files.readString(DOCUMENT)).results().toList();
        for (MatchResult match : named) {
            String source = tests.getOrDefault(match.group(1), "");
            if (source.isEmpty()
                    || (match.group(2) != null && !source.contains(" " + match.group(2) + "("))) {
                missing.add(match.group());
            }
        }
        assertThat(named).hasSizeGreaterThan(40);
        assertThat(missing).isEmpty();
    }

    @Test
    void promise_names_a_test_or_a_measurement() throws IOException {
        String text = Files.readString(DOCUMENT);
        String promises = text.substring(0, text.indexOf("## What is not promised"));
        List<String> rows = promises.lines().filter(line -> line.startsWith("| "))
                .filter(line -> !line.endsWith("| shown by |") && !line.endsWith("| test |")).toList();
        assertThat(rows).hasSizeGreaterThan(25).allMatch(
                row -> NAMED.matcher(row).find() || row.contains("benchmarks.md"));
    }
}
