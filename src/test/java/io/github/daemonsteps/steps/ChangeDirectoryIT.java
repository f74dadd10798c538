package io.github.daemonsteps.steps;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.daemonsteps.DaemonSteps;
import io.github.daemonsteps.ffm.NativePosix;
import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.Errno;
import io.github.daemonsteps.posix.FileMode;
import io.github.daemonsteps.posix.ForkedProcess;
import io.github.daemonsteps.process.ProcessState;
import io.github.daemonsteps.testing.Command;
import io.github.daemonsteps.testing.OrdinaryUser;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Step 4: the daemon keeps only its own directory in use. */
class ChangeDirectoryIT {

    @Test
    void file_system_in_use_as_directory_cannot_be_unmounted_before_and_can_after(@TempDir Path directory)
            throws Exception {
        assumeTrue(NativePosix.get().getuid() == 0, "only root can mount");
        String mountPoint = Files.createDirectory(directory.resolve("mounted")).toString();
        Command mount = Command.run("mount", "-t", "tmpfs", "daemon-steps-test", mountPoint);
        assumeTrue(mount.status() == 0, "no mounting here: " + mount.output());
        boolean mounted = true;
        try (var process = ForkedProcess.fork()) {
            process.chdir(mountPoint);
            Command busy = Command.run("umount", mountPoint);
            mounted = busy.status() != 0;
            assertThat(busy.output()).contains("busy");
            assertThat(mounted).isTrue();

            assertThat(new ChangeDirectory(Path.of("/")).run(process).outcome())
                    .isEqualTo(new StepOutcome.Done("in /"));
            Command free = Command.run("umount", mountPoint);
            mounted = free.status() != 0;
            assertThat(free).isEqualTo(new Command(0, ""));
        } finally {
            if (mounted) {
                Command.run("umount", "--lazy", mountPoint);
            }
        }
    }

    @Test
    void process_stays_in_the_launchers_directory_until_chdir() {
        String launchers = ProcessState.ofThisProcess().cwd();
        try (var process = ForkedProcess.fork()) {
            StepReport report = new ChangeDirectory(Path.of("/")).run(process);
            assertThat(report.before().cwd()).isEqualTo(launchers).isNotEqualTo("/");
            assertThat(report.after().cwd()).isEqualTo("/");
            assertThat(ProcessState.of(process.pid()).cwd()).isEqualTo("/");
            assertThat(ProcessState.ofThisProcess().cwd()).isEqualTo(launchers);
        }
    }

    @Test
    void directory_may_be_another_one(@TempDir Path directory) throws Exception {
        NativePosix posix = NativePosix.get();
        String odd = directory + "/a b\n(\u00e9)";
        posix.mkdir(CString.of(odd), FileMode.of(0700));
        try (var process = ForkedProcess.fork()) {
            assertThat(new ChangeDirectory(CString.of(odd)).run(process).outcome())
                    .isEqualTo(new StepOutcome.Done("in " + odd));
            assertThat(posix.stat("/proc/" + process.pid() + "/cwd").isSameFileAs(posix.stat(odd))).isTrue();
        }
    }

    @Test
    void directory_may_be_a_symbolic_link(@TempDir Path directory) throws Exception {
        Path needed = Files.createDirectory(directory.resolve("needed"));
        Path link = Files.createSymbolicLink(directory.resolve("link"), needed);
        try (var process = ForkedProcess.fork()) {
            assertThat(new ChangeDirectory(link).run(process).outcome())
                    .isInstanceOf(StepOutcome.Done.class);
            assertThat(ProcessState.of(process.pid()).cwd()).isEqualTo(needed.toRealPath().toString());
        }
    }

    @Test
    void missing_directory_fails_with_ENOENT(@TempDir Path directory) {
        failsWith(Errno.ENOENT, "No such file or directory", directory.resolve("nope"));
    }

    @Test
    void regular_file_fails_with_ENOTDIR(@TempDir Path directory) throws Exception {
        failsWith(Errno.ENOTDIR, "Not a directory", Files.createFile(directory.resolve("file")));
    }

    private static void failsWith(Errno errno, String text, Path path) {
        try (var process = ForkedProcess.fork()) {
            String before = ProcessState.of(process.pid()).cwd();
            StepReport report = new ChangeDirectory(path).run(process);
            assertThat(report.outcome())
                    .isEqualTo(new StepOutcome.Failed("chdir(\"" + path + "\")", errno, text));
            assertThat(ProcessState.of(process.pid()).cwd()).isEqualTo(before);
            assertThat(new ChangeDirectory(Path.of("/")).run(process).outcome())
                    .isInstanceOf(StepOutcome.Done.class);
        }
    }

    @Test
    void directory_without_permission_fails_with_EACCES_for_ordinary_user(@TempDir Path directory)
            throws Exception {
        var user = new OrdinaryUser(directory);
        Path closed = user.forbidden(directory.resolve("closed"));
        try (var launched = user.launch("chdir", closed.toString())) {
            assertThat(launched.lines("report").getLast())
                    .isEqualTo("CHDIR Failed: chdir(\"" + closed + "\"): Permission denied (EACCES, 13)");
        }
    }

    @Test
    void relative_directory_is_refused() {
        assertThatThrownBy(() -> new ChangeDirectory(Path.of("var/run")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a daemon's working directory must be an absolute path, not \"var/run\"");
        assertThatThrownBy(() -> DaemonSteps.classic().workingDirectory(Path.of("")))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
