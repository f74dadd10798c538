package io.github.daemonsteps.daemon.supervisor;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daemonsteps.posix.CString;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WatchdogTest {

    private final List<String> log = new ArrayList<>();

    private Duration interval(String usec, String pid) {
        return Duration.ofNanos(Watchdog.intervalNanos(usec, pid, 7, log::add));
    }

    @ParameterizedTest
    @CsvSource({"30000000, PT15S", "1, PT0.01S", "20002, PT0.010001S"})
    void interval_is_half_of_the_time_and_not_too_short(String usec, Duration expected) {
        assertThat(interval(usec, null)).isEqualTo(expected);
        assertThat(interval(usec, "7")).isEqualTo(expected);
        assertThat(log).isEmpty();
    }

    @Test
    void longest_time_does_not_overflow() {
        assertThat(interval("9223372036854775807", "7")).isGreaterThan(Duration.ofDays(36_500));
        assertThat(log).isEmpty();
    }

    @Test
    void watchdog_of_another_process_or_of_none_sends_nothing() {
        assertThat(interval("30000000", "8")).isZero();
        assertThat(interval(null, "7")).isZero();
        assertThat(log).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0", "-5", "+5", "5s", "1e6", "18446744073709551615", "\u0661"})
    void invalid_time_sends_nothing_and_is_logged(String usec) {
        assertThat(interval(usec, null)).isZero();
        assertThat(log).containsExactly("WATCHDOG_USEC " + CString.of(usec).quoted()
                + ": not a number of microseconds; no watchdog messages are sent");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0", "-7", "x", "7 "})
    void invalid_process_sends_nothing_and_is_logged(String pid) {
        assertThat(interval("30000000", pid)).isZero();
        assertThat(log)
                .containsExactly("WATCHDOG_PID " + CString.of(pid).quoted()
                        + ": not a process id; no watchdog messages are sent");
    }
}
