package io.github.daemonsteps.text;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TerminalSafeTest {

    @ParameterizedTest
    @CsvSource({"a\u001b[31mb, a\\x1b[31mb", "a\tb, a\\x09b", "gpj\u202eexe, gpj\\u202eexe",
        "\u2066x\u2069, \\u2066x\\u2069", "soft\u00adhyphen, soft\\u00adhyphen",
        "tag\udb40\udc01, tag\\ue0001", "\u0645\u06cc\u200c\u062e, \u0645\u06cc\u200c\u062e",
        "\ud83d\udc69\u200d\ud83d\udcbb, \ud83d\udc69\u200d\ud83d\udcbb"})
    void text_with_control_characters_shows_them_as_numbers(String text, String shown) {
        assertThat(TerminalSafe.of(text)).isEqualTo(shown);
    }
}
