package io.github.daemonsteps.posix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FileModeTest {

    @Test
    void file_mode_has_octal_digits() {
        assertThat(FileMode.parse("27")).isEqualTo(FileMode.of(027)).hasToString("0027");
        assertThat(FileMode.parse("0640")).isEqualTo(FileMode.of(0640)).hasToString("0640");
        assertThat(FileMode.parse("0")).hasToString("0000");
        assertThat(FileMode.parse("7777")).hasToString("7777");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "8", "0x1f", "-1", "+7", " 7", "10000", "99999", "777777777777777777777777",
        "rwx"})
    void invalid_text_is_refused_with_the_text(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> FileMode.parse(text))
                .withMessage("permission bits are octal digits up to 07777, not '" + text + "'");
    }

    @Test
    void other_bits_are_refused() {
        assertThatIllegalArgumentException().isThrownBy(() -> FileMode.of(010000))
                .withMessage("permission bits are 0 to 07777, not 010000");
        assertThatIllegalArgumentException().isThrownBy(() -> FileMode.of(-1))
                .withMessage("permission bits are 0 to 07777, not -1");
    }
}
