package io.github.daemonsteps.ffm;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MuslLibraryTest {

    @ParameterizedTest
    @CsvSource({"/lib/ld-musl-x86_64.so.1, true", "/lib/ld-musl-aarch64.so.1, true",
        "/usr/lib/x86_64-linux-gnu/libc.so.6, false", "/home/ada/ld-musl-x86_64.so.1/notes, false",
        "/home/ada/about-ld-musl-x86_64.so.1, false"})
    void mapped_loader_of_musl_is_found(String file, boolean isMusl) {
        String maps = "7f0000000000-7f0000001000 r-xp 00000000 08:01 42 /usr/bin/java\n"
                + "7f0000002000-7f0000003000 r-xp 00000000 08:01 43                         " + file + "\n"
                + "7ffc00000000-7ffc00001000 rw-p 00000000 00:00 0                          [stack]\n";
        assertThat(MuslLibrary.isIn(maps)).isEqualTo(isMusl);
    }
}
