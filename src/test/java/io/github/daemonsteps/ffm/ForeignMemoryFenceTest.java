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

/** java.lang.foreign stays in this room, and out of what it shows. */
class ForeignMemoryFenceTest {

    private static final Path SOURCES =
            ChildJvm.baseDirectory().resolve("src/main/java/io/github/daemonsteps");

    @Test
    void no_other_room_touches_it() throws IOException {
        try (Stream<Path> files = Files.walk(SOURCES)) {
            List<Path> sources = files.filter(file -> file.toString().endsWith(".java"))
                    .filter(file -> !file.startsWith(SOURCES.resolve("posix")))
                    .toList();
            assertThat(sources).hasSizeGreaterThan(20).allSatisfy(
                    source -> assertThat(Files.readString(source)).doesNotContain("java.lang.foreign",
                            "java.lang.invoke"));
        }
    }

    @Test
    void no_public_type_shows_it() {
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
    void the_interface_stays_small() {
        assertThat(Posix.class.getMethods()).filteredOn(method -> !method.isDefault())
                .hasSizeLessThanOrEqualTo(40);
    }
}
