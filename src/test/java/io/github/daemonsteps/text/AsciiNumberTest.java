package io.github.daemonsteps.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.daemonsteps.testing.ChildJvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AsciiNumberTest {

    private static final Path SOURCES = ChildJvm.baseDirectory().resolve("src/main/java");

    /** The methods that accept the digits of all scripts. */
    private static final String OTHER_READERS =
            "(Integer|Long|Short|Byte)\\.(parse\\w+|decode)\\(|Integer\\.valueOf\\("
                    + "|Character\\.(isDigit|digit|getNumericValue)\\(|\\bScanner\\b";

    @Test
    void ascii_digits_are_the_number() {
        assertThat(AsciiNumber.parseInt("0")).isZero();
        assertThat(AsciiNumber.parseInt("007")).isEqualTo(7);
        assertThat(AsciiNumber.parseInt("-2147483648")).isEqualTo(Integer.MIN_VALUE);
        assertThat(AsciiNumber.parseInt("02100002", 8)).isEqualTo(02100002);
        assertThat(AsciiNumber.parseLong("9223372036854775807")).isEqualTo(Long.MAX_VALUE);
        assertThat(AsciiNumber.parseAddress("ffffffffff601000")).isEqualTo(0xffffffffff601000L);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-", "+1", " 1", "1 ", "1\n", "1x", "0x1", "1.0", "--1", "\u0661", "1\u06f2",
        "\u096c",
        "\u0e57", "\uff11", "\u22121", "2147483648"})
    void other_text_is_not_a_number(String text) {
        assertThatThrownBy(() -> AsciiNumber.parseInt(text)).isInstanceOf(NumberFormatException.class);
        if (!text.equals("2147483648")) {
            assertThatThrownBy(() -> AsciiNumber.parseLong(text)).isInstanceOf(NumberFormatException.class);
        }
    }

    @Test
    void other_classes_parse_numbers_by_ascii_number() throws IOException {
        try (Stream<Path> files = Files.walk(SOURCES)) {
            List<Path> sources = files.filter(file -> file.toString().endsWith(".java")
                    && !file.endsWith("AsciiNumber.java")).toList();
            assertThat(sources).hasSizeGreaterThan(50)
                    .allSatisfy(source -> assertThat(Files.readString(source))
                            .doesNotContainPattern(OTHER_READERS));
        }
    }
}
