package io.github.daemonsteps.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.FileMode;
import io.github.daemonsteps.posix.Signal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ArgumentsTest {

    private static Arguments parse(String... words) {
        return Arguments.parse(CString.listOf(words));
    }

    @Test
    void value_is_after_its_option_or_an_equals_sign() {
        assertThat(parse("trace", "--chdir", "/a=b", "--umask=027").path(Option.CHDIR))
                .contains(CString.of("/a=b"));
        assertThat(parse("trace", "--umask=027").mode(Option.UMASK)).contains(FileMode.of(027));
        assertThat(parse("trace").mode(Option.UMASK)).isEmpty();
        assertThat(parse("--json", "trace").has(Option.JSON)).isTrue();
        assertThat(parse("trace").path(Option.LOG)).isEmpty();
    }

    @Test
    void relative_path_is_resolved_in_the_callers_directory() {
        assertThat(parse("trace", "--log", "./a/b").path(Option.LOG))
                .contains(CString.of(Path.of("a/b").toAbsolutePath()));
    }

    @Test
    void bytes_of_argument_that_are_not_text_are_kept() {
        CString odd = CString.ofBytes("/a\u00ffb".getBytes(StandardCharsets.ISO_8859_1));
        Arguments arguments =
                Arguments.parse(List.of(CString.of("start"), CString.of("--log").plus(CString.of("="))
                        .plus(odd), CString.of("--"), odd, CString.of("--log")));
        assertThat(arguments.path(Option.LOG)).contains(odd);
        assertThat(arguments.command()).containsExactly(odd, CString.of("--log"));
    }

    @Test
    void command_without_two_hyphens_is_refused() {
        assertThatExceptionOfType(UsageException.class).isThrownBy(() -> parse("start", "sleep"))
                .withMessage("'sleep' is not an option; put a command after --");
    }

    @Test
    void help_instead_of_or_before_subcommand_is_the_option() {
        assertThat(parse("help").has(Option.HELP)).isTrue();
        assertThat(parse("help").subcommand()).isNull();
        assertThat(parse("help", "-h", "start").subcommand()).isEqualTo(Subcommand.START);
        assertThat(parse("-h", "--help", "--version", "--version").has(Option.VERSION)).isTrue();
        assertThatExceptionOfType(UsageException.class).isThrownBy(() -> parse("start", "help"));
    }

    @Test
    void repeatable_option_adds_a_value() {
        assertThat(parse("start", "--env", "A=1", "--env", "B=2", "--", "x").values(Option.ENV))
                .containsExactly(CString.of("A=1"), CString.of("B=2"));
    }

    @ParameterizedTest
    @CsvSource({"500ms, 500", "2s, 2000", "1m, 60000"})
    void duration_has_a_unit(String text, long millis) {
        assertThat(parse("stop", "--name", "x", "--timeout", text).duration(Option.TIMEOUT))
                .contains(Duration.ofMillis(millis));
    }

    @ParameterizedTest
    @CsvSource({"5", "''", "-1s", "0s", "1h", "1.5s", "1 s", "999999999m", "99999999999s"})
    void invalid_duration_is_refused_with_its_text(String text) {
        assertThatExceptionOfType(UsageException.class)
                .isThrownBy(() -> parse("stop", "--timeout", text).duration(Option.TIMEOUT))
                .withMessage("--timeout: invalid duration '" + text
                        + "'; give a number above 0 and a unit, such as"
                        + " 500ms, 2s or 1m, up to 365 days");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "nope | unknown subcommand 'nope'; give one of start, stop, status, restart, reload, run, nohup, unit, logrotate, plan, trace, demo",
        "start | start needs a command after --: start [OPTION...] -- COMMAND [ARG...]",
        "plan --name x | plan has --name only with a command after --",
        "stop -- x | stop takes no command, but has \"x\"",
        "-- x | a subcommand is missing before --: start, stop, status, restart, reload, run, nohup, unit, logrotate, plan, trace, demo",
        "trace --nope | unknown option '--nope'", "trace -x | unknown option '-x'",
        "stop more | stop takes options only, not 'more'",
        "trace --chdir | --chdir needs a value: --chdir DIR",
        "trace --json=1 | --json takes no value, but has one: --json=1",
        "trace --json --json | --json is given twice",
        "trace --stop | trace has no option --stop", "demo --json | demo has no option --json"})
    void usage_error_is_one_line(String line, String message) {
        assertThatExceptionOfType(UsageException.class).isThrownBy(() -> parse(line.split(" ")))
                .withMessage(message);
    }

    @Test
    void signal_argument_is_parsed_or_refused_in_one_line() {
        assertThat(parse("stop", "--name", "x", "--signal", "usr1").signal(Option.SIGNAL))
                .contains(Signal.SIGUSR1);
        assertThat(parse("stop", "--name", "x").signal(Option.SIGNAL)).isEmpty();
        assertThatExceptionOfType(UsageException.class)
                .isThrownBy(() -> parse("stop", "--signal", "NOPE").signal(Option.SIGNAL))
                .withMessage("--signal: unknown signal 'NOPE': give a name, such as TERM or SIGUSR1,"
                        + " or a number from 1 to 64");
    }

    @ParameterizedTest
    @CsvSource({"8", "''", "-1", "1000", "rwx", "99999999999"})
    void invalid_mask_is_refused_with_its_text(String value) {
        assertThatExceptionOfType(UsageException.class)
                .isThrownBy(() -> parse("trace", "--umask", value).mode(Option.UMASK))
                .withMessage(
                        "--umask: invalid mask '" + value
                                + "'; give octal digits up to 0777, such as 027");
    }

    @Test
    void invalid_path_is_refused() {
        assertThatExceptionOfType(UsageException.class)
                .isThrownBy(() -> parse("trace", "--log", "").path(Option.LOG));
    }
}
