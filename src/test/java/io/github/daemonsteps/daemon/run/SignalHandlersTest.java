package io.github.daemonsteps.daemon.run;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SignalHandlersTest {

    @Test
    void signal_that_the_platform_does_not_have_is_not_handled() {
        assertThat(SignalHandlers.exists("HUP")).isTrue();
        assertThat(SignalHandlers.exists("NONE")).isFalse();
        assertThat(SignalHandlers.handle("NONE", () -> {
        })).isFalse();
    }
}
