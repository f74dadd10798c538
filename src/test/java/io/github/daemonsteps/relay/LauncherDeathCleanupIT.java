package io.github.daemonsteps.relay;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daemonsteps.ffm.NativePosix;
import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.FileMode;
import io.github.daemonsteps.posix.FlockOperation;
import io.github.daemonsteps.posix.OpenFlag;
import io.github.daemonsteps.posix.Processes;
import io.github.daemonsteps.testing.Await;
import io.github.daemonsteps.testing.ChildJvm;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The cleanup that a forked process does when its launcher is killed. */
class LauncherDeathCleanupIT {

    @TempDir
    private Path directory;

    private Path name;
    private Path other;

    @BeforeEach
    void name() throws Exception {
        name = Files.writeString(directory.resolve("name"), "");
        other = directory.resolve("other");
    }

    private ChildJvm launcher(String state) throws Exception {
        return ChildJvm.start(CleanupLauncher.class, state, name.toString(), other.toString());
    }

    private void launchAndKill(String state) throws Exception {
        try (var launcher = launcher(state)) {
            int pid = Integer.parseInt(launcher.line());
            assertThat(launcher.line()).isEqualTo("ready");
            assertThat(name).exists();
            launcher.kill();
            Processes.awaitEnd(pid);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"free", "locked", "forked", "forked by one that stays"})
    void cleanup_removes_the_file_whose_lock_the_process_has_or_acquires(String state) throws Exception {
        launchAndKill(state);
        assertThat(name).doesNotExist();
    }

    @ParameterizedTest
    @ValueSource(strings = {"closed", "taken back", "ended"})
    void cleanup_removes_no_other_file(String state) throws Exception {
        launchAndKill(state);
        assertThat(name).exists();
    }

    @Test
    void cleanup_removes_the_file_set_last() throws Exception {
        Files.writeString(other, "");
        launchAndKill("said anew");
        assertThat(name).exists();
        assertThat(other).doesNotExist();
    }

    @Test
    void cleanup_removes_nothing_while_another_process_holds_the_lock() throws Exception {
        NativePosix posix = NativePosix.get();
        int fd = posix.open(CString.of(name), Set.of(OpenFlag.O_RDWR, OpenFlag.O_CLOEXEC), FileMode.of(0));
        try {
            posix.flock(fd, FlockOperation.LOCK_EX);
            launchAndKill("free");
            assertThat(name).exists();
        } finally {
            posix.close(fd);
        }
    }

    @Test
    void cleanup_removes_no_file_that_a_successor_locked() throws Exception {
        NativePosix posix = NativePosix.get();
        try (var launcher = launcher("locked")) {
            int pid = Integer.parseInt(launcher.line());
            assertThat(launcher.line()).isEqualTo("ready");
            Files.delete(name);
            Files.writeString(name, "successor");
            int fd = posix.open(CString.of(name), Set.of(OpenFlag.O_RDWR, OpenFlag.O_CLOEXEC),
                    FileMode.of(0));
            try {
                posix.flock(fd, FlockOperation.LOCK_EX);
                launcher.kill();
                Processes.awaitEnd(pid);
                assertThat(name).hasContent("successor");
            } finally {
                posix.close(fd);
            }
        }
    }

    @Test
    void executed_program_removes_nothing() throws Exception {
        try (var launcher = launcher("executed")) {
            int pid = Integer.parseInt(launcher.line());
            try {
                assertThat(launcher.line()).isEqualTo("ready");
                launcher.kill();
                assertThat(Processes.hasEnded(pid)).isFalse();
            } finally {
                Processes.kill(pid);
            }
        }
        assertThat(name).exists();
    }

    @Test
    void process_in_a_call_removes_the_file_after_the_call() throws Exception {
        assertThat(new ProcessBuilder("mkfifo", other.toString()).start().waitFor()).isZero();
        try (var launcher = launcher("in a call")) {
            int pid = Integer.parseInt(launcher.line());
            assertThat(launcher.line()).isEqualTo("ready");
            Await.until(() -> Files.exists(directory.resolve("other.begun")));
            launcher.kill();
            assertThat(name).exists();
            assertThat(Processes.hasEnded(pid)).isFalse();
            try (var writer = Files.newOutputStream(other)) { // waits for the reader
                Processes.awaitEnd(pid);
            }
        }
        assertThat(name).doesNotExist();
    }
}
