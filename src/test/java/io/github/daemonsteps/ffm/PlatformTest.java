package io.github.daemonsteps.ffm;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PlatformTest {

    @Test
    void linux_on_x86_64_and_on_aarch64_are_known() {
        assertThat(Platform.of("Linux", "amd64")).isInstanceOf(LinuxX64.class);
        assertThat(Platform.of("Linux", "aarch64")).isInstanceOf(LinuxAarch64.class);
    }

    @ParameterizedTest
    @CsvSource({"Linux, riscv64", "Mac OS X, aarch64", "Windows 11, amd64"})
    void other_platform_is_one_sentence_that_names_the_known_ones(String os, String architecture) {
        assertThat(Platform.of(os, architecture)).isNull();
        assertThat(Platform.unsupported(os, architecture, false)).isEqualTo(
                os + " on " + architecture
                        + " is not supported; daemon-steps needs Linux on x86-64 or aarch64");
    }

    @Test
    void linux_with_musl_is_not_supported() {
        assertThat(Platform.unsupported("Linux", "amd64", false)).isNull();
        assertThat(Platform.unsupported("Linux", "amd64", true)).isEqualTo(
                "Linux with musl is not supported; daemon-steps needs Linux on x86-64 or aarch64, with the GNU C"
                        + " library");
    }

    @Test
    void platform_of_this_test_is_supported() {
        assertThat(Platform.unsupported()).isNull();
        assertThat(MuslLibrary.isLoaded()).isFalse();
    }

    @Test
    void values_of_an_architecture_are_used() {
        assertThat(new LinuxX64().O_NOFOLLOW()).isEqualTo(0400000);
        assertThat(new LinuxAarch64().O_NOFOLLOW()).isEqualTo(0100000);
        assertThat(new LinuxX64().statSize()).isEqualTo(144);
        assertThat(new LinuxAarch64().statSize()).isEqualTo(128);
    }
}
