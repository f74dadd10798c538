package io.github.daemonsteps.posix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SignalSetTest {

    @Test
    void signal_set_is_parsed_from_the_kernels_text() {
        SignalSet set = SignalSet.parse("8000000000004003");
        assertThat(set.signals()).containsExactly(Signal.SIGHUP, Signal.SIGINT, Signal.SIGTERM,
                new Signal(64));
        assertThat(set).hasToString("{SIGHUP, SIGINT, SIGTERM, SIGRTMAX}")
                .isEqualTo(SignalSet.of(new Signal(64), Signal.SIGTERM, Signal.SIGINT, Signal.SIGHUP));
        assertThat(SignalSet.parse("ffffffffFFFFFFFF")).isEqualTo(SignalSet.ALL);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "+f", "-1", " 1", "0x1", "\uff11", "fg", "00000000000000001"})
    void invalid_text_is_refused_with_the_text(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> SignalSet.parse(text))
                .withMessage("a signal set is 1 to 16 hexadecimal digits, not '" + text + "'");
    }

    @Test
    void signal_set_contains_its_signals_only() {
        for (int number = 1; number <= 64; number++) {
            SignalSet set = SignalSet.of(new Signal(number));
            assertThat(set.bits()).isEqualTo(1L << (number - 1));
            assertThat(set.signals()).containsExactly(new Signal(number));
            assertThat(set.contains(new Signal(number))).isTrue();
            assertThat(set.contains(new Signal(number % 64 + 1))).isFalse();
        }
    }

    @Test
    void empty_set_has_no_signal_and_full_set_all() {
        assertThat(SignalSet.NONE).isEqualTo(SignalSet.of()).hasToString("{}");
        assertThat(SignalSet.NONE.isEmpty()).isTrue();
        assertThat(SignalSet.ALL.isEmpty()).isFalse();
        assertThat(SignalSet.ALL.signals()).hasSize(64).isUnmodifiable();
    }
}
