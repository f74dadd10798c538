package io.github.daemonsteps.jvm;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Each of these was compared with what {@code java} of JDK 25 hands to a program. */
class ArgFileTest {

    @Test
    void white_space_and_line_ends_separate_words() {
        assertThat(ArgFile.cut("a  b\tc\fd\r\ne\n\n f")).containsExactly("a", "b", "c", "d", "e", "f");
        assertThat(ArgFile.cut(" \n")).isEmpty();
        assertThat(ArgFile.cut("")).isEmpty();
    }

    @Test
    void quotes_keep_white_space_and_the_other_quotes() {
        assertThat(ArgFile.cut("\"a b\" 'c \"d' x\"y z\"w")).containsExactly("a b", "c \"d", "xy zw");
        assertThat(ArgFile.cut("\"\" x")).containsExactly("", "x");
    }

    @Test
    void an_empty_word_at_the_very_end_is_lost() {
        assertThat(ArgFile.cut("x \"\"")).containsExactly("x");
    }

    @Test
    void a_backslash_escapes_in_quotes_alone() {
        assertThat(ArgFile.cut("\"\\n\\r\\t\\f\\\\\\\"\\q\" \\n")).containsExactly("\n\r\t\f\\\"q", "\\n");
    }

    @Test
    void a_backslash_at_the_end_of_a_line_joins_it_with_the_next() {
        assertThat(ArgFile.cut("\"a \\\n   b\" \"c\\\r\n\td\"")).containsExactly("a b", "cd");
    }

    @Test
    void the_end_of_a_line_closes_what_is_quoted() {
        assertThat(ArgFile.cut("\"a b\nc d")).containsExactly("a b", "c", "d");
    }

    @Test
    void a_comment_goes_to_the_end_of_the_line() {
        assertThat(ArgFile.cut("# x y\na # b\nc \"#d\"")).containsExactly("a", "c", "#d");
    }

    @Test
    void a_comment_swallows_the_word_it_stands_in_but_for_what_was_quoted() {
        assertThat(ArgFile.cut("foo#bar b\nc")).containsExactly("c");
        assertThat(ArgFile.cut("\"x\"y#z\nq")).containsExactly("xq");
    }
}
