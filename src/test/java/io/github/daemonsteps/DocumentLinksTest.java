package io.github.daemonsteps;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daemonsteps.testing.ChildJvm;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each relative link in a document of this repository leads to a file in it, and each anchor to a heading.
 */
class DocumentLinksTest {

    private static final Path BASE = ChildJvm.baseDirectory().toAbsolutePath().normalize();
    private static final Path OUTPUT = BASE.resolve("target");

    private static final Pattern BLOCK_OF_CODE =
            Pattern.compile("^```.*?^```$", Pattern.MULTILINE | Pattern.DOTALL);
    private static final Pattern WORDS_OF_CODE = Pattern.compile("`[^`\n]*`");
    private static final Pattern LINK =
            Pattern.compile("(?:]\\(|^\\[[^]]+]: )([^()\\s]+)", Pattern.MULTILINE);
    private static final Pattern HEADING = Pattern.compile("^#{1,6} +(.+?) *$", Pattern.MULTILINE);
    private static final Pattern NOT_IN_ANCHORS = Pattern.compile("[^\\p{L}\\p{N} _-]");

    @TempDir
    private Path directory;

    static List<Path> documents() throws IOException {
        try (Stream<Path> files = Files.walk(BASE)) {
            return files.filter(file -> file.toString().endsWith(".md")).filter(DocumentLinksTest::isSource)
                    .toList();
        }
    }

    /** Whether a file is neither the output of a build nor in a hidden directory. */
    private static boolean isSource(Path file) {
        return !file.startsWith(OUTPUT) && !BASE.relativize(file).toString().matches("(.*/)?\\..*");
    }

    @ParameterizedTest
    @MethodSource("documents")
    void relative_link_of_document_leads_to_file_and_heading(Path document) throws IOException {
        assertThat(broken(document, BASE)).isEmpty();
    }

    @Test
    void documents_have_links_and_anchors_that_are_checked() throws IOException {
        List<Path> documents = documents();
        assertThat(documents).contains(BASE.resolve("README.md"), BASE.resolve("docs/architecture.md"),
                BASE.resolve("jextract/README.md"), BASE.resolve("examples/simple-server/README.md"));
        int links = 0;
        for (Path document : documents) {
            links += links(Files.readString(document)).size();
        }
        assertThat(links).isGreaterThan(60);
    }

    @Test
    void link_to_missing_file_or_heading_is_reported() throws IOException {
        Files.writeString(directory.resolve("other.md"), "# Why `flock`, and not\n\n## Twice\n\n## Twice\n");
        Path document = Files.writeString(directory.resolve("page.md"), """
                # A page

                ```sh
                # Not a heading
                [code](missing-in-code.md)
                ```
                [a page](#a-page) [other](other.md) [heading](other.md#why-flock-and-not)
                [second](other.md#twice-1) [far](https://example.com/missing.md#x) `[word](missing-in-word.md)`
                [file](missing.md) [heading](#not-a-heading) [other heading](other.md#twice-2) [out](../page.md)

                [named]: missing-name.md
                """);
        assertThat(broken(document, directory)).containsExactly("missing.md", "#not-a-heading",
                "other.md#twice-2",
                "../page.md", "missing-name.md");
    }

    /** Returns the relative links of a document that do not lead to a file below the root, or to a heading of it. */
    private static List<String> broken(Path document, Path root) throws IOException {
        return links(Files.readString(document)).stream().filter(link -> !leadsTo(document, link, root))
                .toList();
    }

    private static List<String> links(String text) {
        String prose = WORDS_OF_CODE.matcher(withoutBlocks(text)).replaceAll("");
        return LINK.matcher(prose).results().map(link -> link.group(1))
                .filter(link -> !URI.create(link).isAbsolute()).toList();
    }

    private static String withoutBlocks(String text) {
        return BLOCK_OF_CODE.matcher(text).replaceAll("");
    }

    private static boolean leadsTo(Path document, String link, Path root) {
        int hash = link.indexOf('#');
        String path = hash < 0 ? link : link.substring(0, hash);
        Path file = path.isEmpty() ? document : document.resolveSibling(path).normalize();
        return file.startsWith(root) && !file.startsWith(OUTPUT) && Files.exists(file)
                && (hash < 0 || anchors(file).contains(link.substring(hash + 1)));
    }

    /** Returns the anchors that GitHub gives the headings of a document: a heading that is there twice gets a number. */
    private static Set<String> anchors(Path document) {
        Set<String> anchors = new HashSet<>();
        Map<String, Integer> counts = new HashMap<>();
        HEADING.matcher(withoutBlocks(read(document))).results().forEach(heading -> {
            String anchor = NOT_IN_ANCHORS.matcher(heading.group(1)).replaceAll("").replace(' ', '-')
                    .toLowerCase(Locale.ROOT);
            int earlier = counts.merge(anchor, 1, Integer::sum) - 1;
            anchors.add(earlier == 0 ? anchor : anchor + "-" + earlier);
        });
        return anchors;
    }

    private static String read(Path document) {
        try {
            return Files.readString(document);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
