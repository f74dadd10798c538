package io.github.daemonsteps.jvm;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class JvmArgumentTest {

    @Test
    void variable_is_split_at_white_space() {
        assertThat(JvmArgument.cutVariable(" -a\t-b\n-c\u000b-d ")).containsExactly("-a", "-b", "-c", "-d");
        assertThat(JvmArgument.cutVariable("  ")).isEmpty();
    }

    @Test
    void quotes_keep_an_argument_together_and_are_removed() {
        assertThat(JvmArgument.cutVariable("-Da=\"b 'c\" '-Dd=e f'g \"\"")).containsExactly("-Da=b 'c",
                "-Dd=e fg",
                "");
    }

    @Test
    void backslash_is_an_ordinary_character() {
        assertThat(JvmArgument.cutVariable("\"a\\\" b")).containsExactly("a\\", "b");
    }
}
