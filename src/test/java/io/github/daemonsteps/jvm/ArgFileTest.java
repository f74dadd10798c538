package io.github.daemonsteps.jvm;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Each expectation was compared with the arguments that {@code java} of JDK 25 passes to a program. */
class ArgFileTest {

    @Test
    void white_space_and_line_ends_separate_arguments() {
        assertThat(ArgFile.tokenize("a  b\tc\fd\r\ne\n\n f")).containsExactly("a", "b", "c", "d", "e", "f");
        assertThat(ArgFile.tokenize(" \n")).isEmpty();
        assertThat(ArgFile.tokenize("")).isEmpty();
    }

    @Test
    void quotes_keep_white_space_and_the_other_quotes() {
        assertThat(ArgFile.tokenize("\"a b\" 'c \"d' x\"y z\"w")).containsExactly("a b", "c \"d", "xy zw");
        assertThat(ArgFile.tokenize("\"\" x")).containsExactly("", "x");
    }

    @Test
    void empty_argument_at_the_end_is_dropped() {
        assertThat(ArgFile.tokenize("x \"\"")).containsExactly("x");
    }

    @Test
    void backslash_escapes_in_quotes_only() {
        assertThat(ArgFile.tokenize("\"\\n\\r\\t\\f\\\\\\\"\\q\" \\n")).containsExactly("\n\r\t\f\\\"q",
                "\\n");
    }

    @Test
    void backslash_at_the_end_of_a_line_joins_it_with_the_next() {
        assertThat(ArgFile.tokenize("\"a \\\n   b\" \"c\\\r\n\td\"")).containsExactly("a b", "cd");
    }

    @Test
    void end_of_line_closes_quotes() {
        assertThat(ArgFile.tokenize("\"a b\nc d")).containsExactly("a b", "c", "d");
    }

    @Test
    void comment_goes_to_the_end_of_the_line() {
        assertThat(ArgFile.tokenize("# x y\na # b\nc \"#d\"")).containsExactly("a", "c", "#d");
    }

    @Test
    void comment_drops_its_argument_except_for_quoted_parts() {
        assertThat(ArgFile.tokenize("foo#bar b\nc")).containsExactly("c");
        assertThat(ArgFile.tokenize("\"x\"y#z\nq")).containsExactly("xq");
    }
}
