package io.github.daemonsteps.posix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.lang.reflect.Field;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SignalTest {

    @Test
    void signal_has_a_name_and_a_text() {
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
    void signal_is_found_by_its_name() {
        for (int number = 1; number <= 64; number++) {
            assertThat(Signal.named(new Signal(number).name())).contains(new Signal(number));
        }
        assertThat(Signal.named("SIGNOPE")).isEmpty();
    }

    @Test
    void other_number_is_not_a_signal() {
        for (int number : new int[]{0, -1, 65}) {
            assertThatIllegalArgumentException().isThrownBy(() -> new Signal(number))
                    .withMessage("a signal has a number from 1 to 64, not " + number);
        }
    }

    @Test
    void constant_has_the_number_of_its_name() throws IllegalAccessException {
        for (Field field : Signal.class.getFields()) {
            assertThat(field.get(null)).hasToString(field.getName());
        }
    }

    @ParameterizedTest
    @CsvSource({"SIGTERM, 15", "TERM, 15", "term, 15", "SigUsr1, 10", "9, 9", "09, 9", "64, 64",
        "RTMIN+1, 35",
        "SIGRTMAX, 64", "IO, 29", "CLD, 17"})
    void signal_text_is_parsed(String text, int number) {
        assertThat(Signal.parse(text)).isEqualTo(new Signal(number));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "SIG", "NOPE", "0", "65", "100", "-9", "+9", "1 ", "SIGSIGTERM", "32",
        "SIG33", "TERM\n",
        "\u0661\u0665", "SIG15"})
    void invalid_signal_text_is_refused_in_one_line(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> Signal.parse(text))
                .withMessage("unknown signal '" + text
                        + "': give a name, such as TERM or SIGUSR1, or a number from 1 to 64");
    }

    @Test
    void signal_names_are_parsed_alike_in_every_locale() {
        Locale before = Locale.getDefault();
        try {
            Locale.setDefault(Locale.forLanguageTag("tr"));
            assertThat(Signal.parse("sigint")).isEqualTo(Signal.SIGINT);
        } finally {
            Locale.setDefault(before);
        }
    }

    @Test
    void two_names_of_one_number_are_both_known() {
        assertThat(Signal.named("SIGCLD")).contains(Signal.SIGCHLD);
        assertThat(Signal.named("SIGIOT")).contains(Signal.SIGABRT);
        assertThat(Signal.named("SIGIO")).contains(new Signal(29));
    }
}
