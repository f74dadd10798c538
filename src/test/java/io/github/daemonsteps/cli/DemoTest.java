package io.github.daemonsteps.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class DemoTest {

    @Test
    void command_with_blanks_is_quoted_for_the_shell() {
        assertThat(DemoCommand.shellWord("./daemon-steps")).isEqualTo("./daemon-steps");
        assertThat(DemoCommand.shellWord("/a b/daemon-steps")).isEqualTo("'/a b/daemon-steps'");
        assertThat(DemoCommand.shellWord("d\u00e4 mon's/x")).isEqualTo("'d\u00e4 mon'\\''s/x'");
    }
}
