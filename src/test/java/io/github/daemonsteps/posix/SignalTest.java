package io.github.daemonsteps.posix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.lang.reflect.Field;
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
    void every_constant_has_the_number_of_its_name() throws IllegalAccessException {
        for (Field field : Signal.class.getFields()) {
            assertThat(field.get(null)).hasToString(field.getName());
        }
    }

    @Test
    void two_names_of_one_number_are_both_known() {
        assertThat(Signal.named("SIGCLD")).contains(Signal.SIGCHLD);
        assertThat(Signal.named("SIGIOT")).contains(Signal.SIGABRT);
        assertThat(Signal.named("SIGIO")).contains(new Signal(29));
    }
}
