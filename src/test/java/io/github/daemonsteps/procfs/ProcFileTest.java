package io.github.daemonsteps.procfs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ProcFileTest {

    @Test
    void text_is_whole() throws Exception {
        assertThat(ProcFile.text(Path.of("/proc/self/status"))).startsWith("Name:").endsWith("\n");
    }

    @Test
    void setting_has_all_of_its_digits() throws Exception {
        Path setting = Path.of("/proc/sys/kernel/pid_max");
        assertThat(ProcFile.setting(setting)).isEqualTo(Files.readAllLines(setting).getFirst())
                .hasSizeGreaterThan(1);
    }

    @Test
    void exception_tells_that_the_file_does_not_exist() {
        assertThatThrownBy(() -> ProcFile.text(Path.of("/proc/self/nothing")))
                .isInstanceOf(NoSuchFileException.class);
    }
}
