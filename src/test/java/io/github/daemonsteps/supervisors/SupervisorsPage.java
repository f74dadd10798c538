package io.github.daemonsteps.supervisors;

import io.github.daemonsteps.testing.ChildJvm;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The examples of docs/supervisors.md. */
final class SupervisorsPage {

    /** A line that begins with the name of a file and ends with a colon, and the block with the content. */
    private static final Pattern FILE =
            Pattern.compile("^`(?<path>[^`\n]+)`[^\n]*:\n\n```\\w+\n(?<content>.*?)^```$",
                    Pattern.MULTILINE | Pattern.DOTALL);

    /** Lines that begin with four blanks, and the box of output that may follow them; or another box. */
    private static final Pattern COMMANDS = Pattern.compile(
            "^```\\w+\n(?:(?!```).*\n)*```$|(?<commands>(?:^ {4}.*\\S\n)+)(?:\n```text\n(?<output>(?:(?!```).*\n)*)```\n)?",
            Pattern.MULTILINE);

    private static final String TEXT = read();

    private SupervisorsPage() {
    }

    /**
     * Commands of the page.
     *
     * @param lines the lines, which a shell runs one after the other
     * @param output what they print
     */
    record Commands(String lines, String output) {}

    private static String read() {
        try {
            return Files.readString(ChildJvm.baseDirectory().resolve("docs/supervisors.md"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns the section below a heading of the second level. */
    static String section(String heading) {
        Matcher section = Pattern.compile("^## " + Pattern.quote(heading) + "\n(.*?)(?=^## |\\z)",
                Pattern.MULTILINE | Pattern.DOTALL).matcher(TEXT);
        if (!section.find()) {
            throw new AssertionError("docs/supervisors.md has no section '" + heading + "'");
        }
        return section.group(1);
    }

    /** Returns the headings of the sections. */
    static List<String> headings() {
        return Pattern.compile("^## (.*)$", Pattern.MULTILINE).matcher(TEXT).results()
                .map(heading -> heading.group(1)).toList();
    }

    /** Returns the names of the supervisors in the table. */
    static List<String> rows() {
        return Pattern.compile("^\\| \\[([^]]+)]\\(#", Pattern.MULTILINE).matcher(TEXT).results()
                .map(row -> row.group(1)).toList();
    }

    /** Returns the files of a section: path and content. */
    static Map<String, String> files(String heading) {
        Map<String, String> files = new LinkedHashMap<>();
        FILE.matcher(section(heading)).results()
                .forEach(file -> files.put(file.group("path"), file.group("content")));
        return files;
    }

    /** Returns a file of a section. */
    static String file(String heading, String path) {
        String content = files(heading).get(path);
        if (content == null) {
            throw new AssertionError("section '" + heading + "' has no file '" + path + "'");
        }
        return content;
    }

    /** Returns the blocks of commands of a section. */
    static List<Commands> commands(String heading) {
        return COMMANDS.matcher(section(heading)).results().filter(block -> block.group("commands") != null)
                .map(block -> new Commands(block.group("commands").replaceAll("(?m)^ {4}", ""),
                        block.group("output") == null ? "" : block.group("output")))
                .toList();
    }
}
