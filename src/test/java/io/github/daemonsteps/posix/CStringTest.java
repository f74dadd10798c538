package io.github.daemonsteps.posix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class CStringTest {

    @Test
    void path_of_any_bytes_has_these_bytes() {
        byte[] bytes = new byte[256];
        bytes[0] = '/';
        for (int i = 1; i < 256; i++) {
            bytes[i] = (byte) i;
        }
        bytes['/'] = 'x'; // a path has no empty names
        CString path = CString.ofBytes(bytes);
        assertThat(CString.of(path.toPath())).isEqualTo(path);
        assertThat(CString.of("/").toPath()).isEqualTo(Path.of("/"));
        assertThatThrownBy(() -> CString.of("a").toPath()).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void text_becomes_utf_8() {
        assertThat(CString.of("é").bytes()).containsExactly(0xc3, 0xa9);
        assertThat(CString.of("").length()).isZero();
        assertThat(CString.of("é")).hasToString("é")
                .isEqualTo(CString.ofBytes(new byte[]{(byte) 0xc3, (byte) 0xa9}));
    }

    @Test
    void any_bytes_are_kept() {
        byte[] bytes = {(byte) 0xff, 1, (byte) 0x80};
        assertThat(CString.ofBytes(bytes).bytes()).isEqualTo(bytes).isNotSameAs(bytes);
    }

    @Test
    void nul_is_refused_with_its_index() {
        assertThatIllegalArgumentException().isThrownBy(() -> CString.of("ab\0c"))
                .withMessageContaining("at index 2");
        assertThatIllegalArgumentException().isThrownBy(() -> CString.of("\ud800"));
    }

    @Test
    void refusal_is_one_escaped_line() {
        assertThatIllegalArgumentException().isThrownBy(() -> CString.of("a\n\u001b[31m\0"))
                .withMessage("a C string cannot contain a NUL, and this one has it at index 7:"
                        + " \"a\\n\\x1b[31m\\x00\"");
        assertThatIllegalArgumentException().isThrownBy(() -> CString.of("a\n\ud800"))
                .withMessage("not a string of Unicode characters: \"a\\n?\"");
    }

    @Test
    void control_characters_beyond_ascii_are_escaped_too() {
        assertThat(CString.of("\u009b31m\u00e9\u007f").quoted()).isEqualTo("\"\\xc2\\x9b31m\u00e9\\x7f\"");
        assertThat(CString.ofBytes(new byte[]{(byte) 0x9b, 'm'}).quoted()).isEqualTo("\"\\x9bm\"");
    }

    @Test
    void quoted_string_has_the_escapes_of_c() {
        assertThat(CString.of("/a b/é\"\\\n\t\u0001").quoted()).isEqualTo("\"/a b/é\\\"\\\\\\n\\t\\x01\"");
        assertThat(CString.ofBytes(new byte[]{'a', (byte) 0xff}).quoted()).isEqualTo("\"a\\xff\"");
    }

    @Test
    void absolute_path_begins_with_a_slash() {
        assertThat(CString.of("/").isAbsolutePath()).isTrue();
        assertThat(CString.of("a/b").isAbsolutePath()).isFalse();
        assertThat(CString.of("").isAbsolutePath()).isFalse();
    }
}
