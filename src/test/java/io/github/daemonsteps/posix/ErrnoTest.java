package io.github.daemonsteps.posix;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Field;
import org.junit.jupiter.api.Test;

class ErrnoTest {

    @Test
    void errno_has_a_name_a_text_and_a_number() {
        assertThat(Errno.of(2)).isEqualTo(Errno.ENOENT).hasToString("ENOENT (No such file or directory)");
        assertThat(Errno.EPERM.number()).isEqualTo(1);
    }

    @Test
    void unknown_number_is_kept() {
        for (int number : new int[]{41, 58, 134, 999, -5, Integer.MIN_VALUE, Integer.MAX_VALUE}) {
            assertThat(Errno.of(number).number()).isEqualTo(number);
            assertThat(Errno.of(number).name()).isEqualTo("E" + number);
            assertThat(Errno.of(number).text()).isEqualTo("Unknown error " + number);
        }
    }

    @Test
    void zero_is_not_an_errno() {
        assertThat(Errno.of(0).text()).isEqualTo("Success");
        assertThat(Errno.all()).doesNotContain(Errno.of(0));
    }

    @Test
    void constant_has_the_number_of_its_name() throws IllegalAccessException {
        for (Field field : Errno.class.getFields()) {
            assertThat(field.get(null)).isEqualTo(Errno.named(field.getName()).orElseThrow());
        }
    }

    @Test
    void list_of_errnos_cannot_be_modified() {
        assertThat(Errno.all()).isUnmodifiable();
    }

    @Test
    void two_names_of_one_number_are_both_known() {
        assertThat(Errno.named("EWOULDBLOCK")).contains(Errno.EAGAIN);
        assertThat(Errno.named("EDEADLOCK")).isEqualTo(Errno.named("EDEADLK"));
        assertThat(Errno.named("ENOTSUP")).isEqualTo(Errno.named("EOPNOTSUPP"));
        assertThat(Errno.named("ENOPE")).isEmpty();
    }

    @Test
    void errno_is_found_by_its_name() {
        assertThat(Errno.all()).hasSize(131)
                .allSatisfy(errno -> assertThat(Errno.named(errno.name())).contains(errno));
    }
}
