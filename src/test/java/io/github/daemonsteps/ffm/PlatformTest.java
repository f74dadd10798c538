package io.github.daemonsteps.ffm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class PlatformTest {

    @Test
    void linux_on_x86_64_and_on_aarch64_are_known() {
        assertThat(Platform.of("Linux", "amd64")).isInstanceOf(LinuxX64.class);
        assertThat(Platform.of("Linux", "aarch64")).isInstanceOf(LinuxAarch64.class);
    }

    @Test
    void other_platform_is_one_error_that_names_the_known_ones() {
        for (String[] other : new String[][]{{"Linux", "riscv64"}, {"Mac OS X", "aarch64"},
            {"Windows 11", "amd64"}}) {
            assertThatThrownBy(() -> Platform.of(other[0], other[1]))
                    .isInstanceOf(UnsupportedOperationException.class)
                    .hasMessage("daemon-steps runs on Linux x86-64 and Linux aarch64, and this is " + other[0]
                            + " " + other[1]);
        }
    }

    @Test
    void values_of_an_architecture_are_used() {
        assertThat(new LinuxX64().O_NOFOLLOW()).isEqualTo(0400000);
        assertThat(new LinuxAarch64().O_NOFOLLOW()).isEqualTo(0100000);
        assertThat(new LinuxX64().statSize()).isEqualTo(144);
        assertThat(new LinuxAarch64().statSize()).isEqualTo(128);
    }
}
