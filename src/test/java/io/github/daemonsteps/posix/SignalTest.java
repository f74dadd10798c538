package io.github.daemonsteps.posix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class SignalTest {

    @Test
    void it_has_a_name_and_a_text() {
        assertThat(Signal.SIGTERM).hasToString("SIGTERM").isEqualTo(new Signal(15));
        assertThat(Signal.SIGTERM.text()).isEqualTo("Terminated");
    }

    @Test
    void real_time_signals_and_those_of_the_c_library_have_names_too() {
        assertThat(new Signal(32).name()).isEqualTo("SIG32");
        assertThat(new Signal(34).name()).isEqualTo("SIGRTMIN");
        assertThat(new Signal(36).name()).isEqualTo("SIGRTMIN+2");
        assertThat(new Signal(64).name()).isEqualTo("SIGRTMAX");
    }

    @Test
    void every_signal_is_found_by_its_name() {
        for (int number = 1; number <= 64; number++) {
            assertThat(Signal.named(new Signal(number).name())).contains(new Signal(number));
        }
        assertThat(Signal.named("SIGNOPE")).isEmpty();
    }

    @Test
    void no_other_number_is_a_signal() {
        for (int number : new int[]{0, -1, 65}) {
            assertThatIllegalArgumentException().isThrownBy(() -> new Signal(number))
                    .withMessage("a signal has a number from 1 to 64, not " + number);
        }
    }

    @Test
    void a_set_is_read_as_the_kernel_writes_it() {
        SignalSet set = SignalSet.parse("8000000000004003");
        assertThat(set.signals()).containsExactly(Signal.SIGHUP, Signal.SIGINT, Signal.SIGTERM,
                new Signal(64));
        assertThat(set).hasToString("{SIGHUP, SIGINT, SIGTERM, SIGRTMAX}")
                .isEqualTo(SignalSet.of(new Signal(64), Signal.SIGTERM, Signal.SIGINT, Signal.SIGHUP));
        assertThat(set.contains(Signal.SIGTERM)).isTrue();
        assertThat(set.contains(Signal.SIGKILL)).isFalse();
        assertThat(SignalSet.NONE.isEmpty()).isTrue();
        assertThat(SignalSet.NONE).hasToString("{}");
        assertThat(SignalSet.ALL.signals()).hasSize(64);
    }
}
