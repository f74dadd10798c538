package io.github.daemonsteps.daemon.files;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.daemonsteps.ffm.NativePosix;
import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.FileMode;
import io.github.daemonsteps.posix.FileStatus;
import io.github.daemonsteps.posix.OpenFlag;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The check of an open log, while the owner of its directory changes the names of the file. */
class LogFileIT {

    @TempDir
    private Path directory;

    private final NativePosix posix = NativePosix.get();

    @Test
    void name_of_another_file_that_is_removed_and_returns_is_refused() throws Exception {
        Path other = Files.writeString(directory.resolve("other"), "kept");
        Path log = Files.createLink(directory.resolve("log"), other);
        int fd = posix.open(CString.of(log), OpenFlag.guarded(OpenFlag.O_WRONLY), FileMode.of(0));
        try {
            Files.delete(log);
            FileStatus opened = posix.fstat(fd); // the file has one name: that of the other file
            Files.createLink(log, other);
            assertThatThrownBy(() -> new LogFile(CString.of(log)).checkOpened(opened, posix))
                    .isInstanceOf(FileRefusedException.class)
                    .hasMessageEndingWith("has 2 hard links; the file must have one name");
        } finally {
            posix.close(fd);
        }
    }
}
