package io.github.daemonsteps.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.daemonsteps.posix.FileMode;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ArgumentsTest {

    private static Arguments parse(String... words) {
        return Arguments.parse(words);
    }

    @Test
    void a_value_stands_behind_its_option_or_behind_an_equals_sign() {
        assertThat(parse("trace", "--chdir", "/a=b", "--umask=027").path(Option.CHDIR))
                .isEqualTo(Path.of("/a=b"));
        assertThat(parse("trace", "--umask=027").mode(Option.UMASK, FileMode.of(0)))
                .isEqualTo(FileMode.of(027));
        assertThat(parse("trace").mode(Option.UMASK, FileMode.of(022))).isEqualTo(FileMode.of(022));
        assertThat(parse("--json", "trace").has(Option.JSON)).isTrue();
        assertThat(parse("trace").path(Option.LOG)).isNull();
    }

    @Test
    void a_path_counts_from_where_it_was_typed() {
        assertThat(parse("trace", "--log", "a/../b").path(Option.LOG))
                .isEqualTo(Path.of("b").toAbsolutePath());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"nope | unknown verb 'nope': it is one of demo, trace, plan",
        "trace --nope | unknown option '--nope'", "trace -x | unknown option '-x'",
        "trace more | trace takes options only, not 'more'",
        "trace --chdir | --chdir needs a value: --chdir DIR",
        "trace --json=1 | --json takes no value, and here it has one: --json=1",
        "trace --json --json | --json is given twice",
        "trace --stop | trace has no option --stop", "demo --json | demo has no option --json"})
    void what_is_wrong_is_said_in_one_line(String line, String message) {
        assertThatExceptionOfType(UsageException.class).isThrownBy(() -> parse(line.split(" ")))
                .withMessage(message);
    }

    @ParameterizedTest
    @CsvSource({"8", "''", "-1", "1000", "rwx", "99999999999"})
    void what_is_no_mask_is_refused_with_what_it_was(String value) {
        assertThatExceptionOfType(UsageException.class)
                .isThrownBy(() -> parse("trace", "--umask", value).mode(Option.UMASK, FileMode.of(0)))
                .withMessage(
                        "--umask: '" + value + "' is no mask: it takes octal digits up to 0777, such as 027");
    }

    @Test
    void what_is_no_path_is_refused() {
        assertThatExceptionOfType(UsageException.class)
                .isThrownBy(() -> parse("trace", "--log", "").path(Option.LOG));
        assertThatExceptionOfType(UsageException.class)
                .isThrownBy(() -> parse("trace", "--log", "a\0b").path(Option.LOG));
    }
}
