package io.github.daemonsteps.procfs;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daemonsteps.ffm.NativePosix;
import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.FileMode;
import io.github.daemonsteps.posix.OpenFlag;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcLinkTest {

    private final NativePosix posix = NativePosix.get();

    @TempDir
    private Path directory;

    private ProcLink read(int fd) {
        return ProcLink.read(CString.of("/proc/self/fd/" + fd), posix);
    }

    private int open(Path file) {
        return posix.open(CString.of(file), Set.of(OpenFlag.O_RDONLY, OpenFlag.O_CLOEXEC), FileMode.of(0));
    }

    @Test
    void file_that_was_removed_or_replaced_keeps_its_path() throws IOException {
        Path file = Files.createFile(directory.resolve("log")).toRealPath();
        int fd = open(file);
        try {
            assertThat(read(fd)).isEqualTo(new ProcLink(CString.of(file), false));
            Files.delete(file);
            assertThat(read(fd)).isEqualTo(new ProcLink(CString.of(file), true));
            assertThat(read(fd).exists(posix)).isFalse();
            Files.createFile(file);
            assertThat(read(fd)).isEqualTo(new ProcLink(CString.of(file), true));
            assertThat(read(fd).exists(posix)).isTrue();
        } finally {
            posix.close(fd);
        }
    }

    @Test
    void other_file_with_the_name_of_a_removed_one_is_not_that_file() throws IOException {
        Path file = Files.createFile(directory.resolve("log")).toRealPath();
        int fd = open(file);
        try {
            Files.delete(file);
            Files.createFile(file.resolveSibling("log (deleted)"));
            assertThat(read(fd)).isEqualTo(new ProcLink(CString.of(file), true));
        } finally {
            posix.close(fd);
        }
    }

    @Test
    void file_name_that_ends_with_deleted_is_not_a_removed_file() throws IOException {
        Path file = Files.createFile(directory.resolve("log (deleted)")).toRealPath();
        int fd = open(file);
        try {
            assertThat(read(fd)).isEqualTo(new ProcLink(CString.of(file), false));
        } finally {
            posix.close(fd);
        }
    }
}
