package io.github.daemonsteps;

import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.daemonsteps.testing.ChildJvm;
import java.io.IOException;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleFinder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** MODULE-INFO.md against the module descriptor and the sources. */
class ModuleInfoTest {

    private static final Path BASE = ChildJvm.baseDirectory();
    private static final String ROOT = "io.github.daemonsteps";

    private static final ModuleDescriptor DESCRIPTOR =
            ModuleFinder.of(BASE.resolve("target/classes")).find(ROOT).orElseThrow().descriptor();

    private static String text;

    @BeforeAll
    static void read() throws IOException {
        text = Files.readString(BASE.resolve("MODULE-INFO.md"));
    }

    /** The first cells of the table below a heading, without their backquotes. */
    private static Set<String> firstCells(String heading) {
        int start = text.indexOf("\n## " + heading + "\n");
        assertThat(start).as("heading " + heading).isNotNegative();
        int end = text.indexOf("\n## ", start + 1);
        return Pattern.compile("^\\| `([^`]+)` \\| \\S.* \\|$", Pattern.MULTILINE)
                .matcher(text.substring(start, end)).results().map(row -> row.group(1)).collect(toSet());
    }

    @Test
    void notes_have_a_reason_for_each_export() {
        assertThat(DESCRIPTOR.opens()).isEmpty();
        assertThat(firstCells("Exports")).isEqualTo(
                DESCRIPTOR.exports().stream().map(export -> "exports " + export).collect(toSet()));
    }

    @Test
    void notes_have_a_reason_for_each_requires() {
        Set<String> lines = new TreeSet<>();
        for (ModuleDescriptor.Requires requires : DESCRIPTOR.requires()) {
            String modifiers =
                    requires.modifiers().contains(ModuleDescriptor.Requires.Modifier.STATIC) ? "static " : "";
            lines.add("requires " + modifiers + requires.name());
        }
        assertThat(firstCells("Requires")).isEqualTo(lines);
    }

    @Test
    void notes_have_a_reason_for_each_hidden_package() {
        Set<String> packages = new TreeSet<>(DESCRIPTOR.packages());
        DESCRIPTOR.exports().forEach(export -> packages.remove(export.source()));
        assertThat(firstCells("Not exported")).isEqualTo(packages);
    }
}
