package io.github.daemonsteps.ffm;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.FileStatus;
import io.github.daemonsteps.posix.ForkedProcess;
import io.github.daemonsteps.posix.Posix;
import io.github.daemonsteps.posix.PosixCall;
import io.github.daemonsteps.posix.PosixException;
import io.github.daemonsteps.procfs.ProcessStat;
import io.github.daemonsteps.testing.ChildJvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** java.lang.foreign stays in two packages, and out of public signatures. */
class ForeignMemoryFenceTest {

    private static final Path SOURCES =
            ChildJvm.baseDirectory().resolve("src/main/java/io/github/daemonsteps");

    @Test
    void other_packages_than_ffm_and_relay_do_not_use_foreign_memory() throws IOException {
        try (Stream<Path> files = Files.walk(SOURCES)) {
            List<Path> sources = files.filter(file -> file.toString().endsWith(".java"))
                    .filter(file -> !file.startsWith(SOURCES.resolve("ffm"))
                            && !file.startsWith(SOURCES.resolve("relay")))
                    .toList();
            assertThat(sources).hasSizeGreaterThan(20).allSatisfy(
                    source -> assertThat(Files.readString(source)).doesNotContain("java.lang.foreign",
                            "java.lang.invoke"));
        }
    }

    @Test
    void public_type_does_not_show_foreign_memory() {
        for (Class<?> type : List.of(Posix.class, NativePosix.class, ForkedProcess.class, FileStatus.class,
                CString.class, PosixCall.class,
                PosixException.class, ProcessStat.class)) {
            for (var method : type.getMethods()) {
                if (method.getDeclaringClass().getPackageName().equals(Posix.class.getPackageName())) {
                    assertThat(method.toGenericString()).doesNotContain("java.lang.foreign",
                            "java.lang.invoke");
                }
            }
        }
    }

    @Test
    void public_interface_stays_small() {
        assertThat(Posix.class.getMethods()).filteredOn(method -> !method.isDefault())
                .hasSizeLessThanOrEqualTo(45);
    }
}
