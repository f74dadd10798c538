package io.github.daemonsteps.jvm;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class WordTest {

    @Test
    void a_variable_is_cut_at_white_space() {
        assertThat(JvmArgument.cutVariable(" -a\t-b\n-c\u000b-d ")).containsExactly("-a", "-b", "-c", "-d");
        assertThat(JvmArgument.cutVariable("  ")).isEmpty();
    }

    @Test
    void quotes_hold_it_together_and_vanish() {
        assertThat(JvmArgument.cutVariable("-Da=\"b 'c\" '-Dd=e f'g \"\"")).containsExactly("-Da=b 'c",
                "-Dd=e fg",
                "");
    }

    @Test
    void a_backslash_is_a_character_like_another() {
        assertThat(JvmArgument.cutVariable("\"a\\\" b")).containsExactly("a\\", "b");
    }
}
