package io.github.daemonsteps.daemon.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daemonsteps.daemon.run.SignalHandlers.Handling;
import org.junit.jupiter.api.Test;

class SignalHandlersTest {

    @Test
    void signal_that_the_platform_does_not_have_is_not_handled() {
        assertThat(SignalHandlers.handle("NONE", () -> {
        })).isEqualTo(Handling.UNKNOWN);
    }

    @Test
    void signal_that_the_jvm_needs_is_left_to_it() {
        assertThat(SignalHandlers.handle("SEGV", () -> {
        })).isEqualTo(Handling.LEFT_TO_SYSTEM);
    }
}
