package io.github.daemonsteps;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daemonsteps.testing.ChildJvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The words that the code, its tests and the documents do not use. A plainer word says the same. */
class WordsTest {

    private static final Path BASE = ChildJvm.baseDirectory();

    private static final int MAX_COLUMNS = 110;

    /** A file and a line of it, as a compiler names them. */
    private record Line(Path file, int number, String text) {

        @Override
        public String toString() {
            return BASE.relativize(file) + ":" + number + ": " + text.strip();
        }
    }

    @ParameterizedTest(name = "{0}: say {1}")
    @CsvSource(delimiter = '#', value = {
        "\\bbehind\\b # after",
        "(?<!there )\\bis no\\b(?! longer) # is not a",
        "\\b[Ww]hoever\\b # the process, the user, the caller",
        "\\b[Ss]omebody\\b # another user, another process",
        "(?<![`\":=|]|user |user, )\\b[Nn]obody\\b(?!`) # no process, no user",
        "\\brooms?\\b # package, space",
        "\\bfolders?\\b # directory",
        "\\b(has|have) to\\b # must",
    })
    void text_of_code_and_documents_uses_plain_words(String rejected, String better) throws IOException {
        assertThat(found(Pattern.compile(rejected), texts())).as("say %s", better).isEmpty();
    }

    @Test
    void line_of_main_code_is_not_too_long() throws IOException {
        assertThat(found(Pattern.compile("^.{" + (MAX_COLUMNS + 1) + ",}$"), filesBelow("src/main/java")))
                .isEmpty();
    }

    private static List<Line> found(Pattern rejected, List<Path> files) throws IOException {
        assertThat(files).isNotEmpty();
        List<Line> found = new ArrayList<>();
        for (Path file : files) {
            List<String> lines = Files.readAllLines(file);
            for (int i = 0; i < lines.size(); i++) {
                Matcher matcher = rejected.matcher(lines.get(i));
                if (matcher.find()) {
                    found.add(new Line(file, i + 1, lines.get(i)));
                }
            }
        }
        return found;
    }

    private static List<Path> texts() throws IOException {
        List<Path> texts = new ArrayList<>();
        for (String directory : List.of("src/main/java", "src/main/relay", "src/test/java", "src/testkit",
                "src/it", "docs",
                "jextract", "bench", "examples")) {
            texts.addAll(filesBelow(directory));
        }
        texts.removeIf(file -> file.endsWith("WordsTest.java")); // has the words
        try (Stream<Path> files = Files.list(BASE)) {
            files.filter(file -> file.toString().endsWith(".md")).forEach(texts::add);
        }
        return texts;
    }

    private static List<Path> filesBelow(String directory) throws IOException {
        try (Stream<Path> files = Files.walk(BASE.resolve(directory))) {
            return files.filter(Files::isRegularFile).toList();
        }
    }
}
