package io.github.daemonsteps.ffm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.Errno;
import io.github.daemonsteps.posix.FileMode;
import io.github.daemonsteps.posix.FileStatus;
import io.github.daemonsteps.posix.FileType;
import io.github.daemonsteps.posix.OpenFlag;
import io.github.daemonsteps.posix.Posix;
import io.github.daemonsteps.posix.PosixException;
import io.github.daemonsteps.posix.Signal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NativePosixTest {

    private final NativePosix posix = NativePosix.get();

    @Test
    void ids_of_this_process_are_those_of_java() {
        assertThat(posix.getpid()).isEqualTo((int) ProcessHandle.current().pid());
        assertThat(posix.getppid()).isEqualTo((int) ProcessHandle.current().parent().orElseThrow().pid());
        assertThat(posix.getsid(0)).isEqualTo(posix.getsid(posix.getpid()));
        assertThat(posix.getpgid(0)).isEqualTo(posix.getpgid(posix.getpid()));
    }

    @Test
    void failed_call_has_its_arguments_and_errno() {
        assertThatExceptionOfType(PosixException.class).isThrownBy(() -> posix.chdir("/nope"))
                .satisfies(failure -> {
                    assertThat(failure.errno()).isEqualTo(Errno.ENOENT);
                    assertThat(failure.call().function()).isEqualTo("chdir");
                    assertThat(failure.call().arguments()).containsExactly("\"/nope\"");
                    assertThat(failure).hasMessage("chdir(\"/nope\"): No such file or directory (ENOENT, 2)");
                });
    }

    @Test
    void file_is_written_and_read_with_the_status_of_java(@TempDir Path directory) throws Exception {
        String name = directory + "/é\n";
        int fd = posix.open(CString.of(name),
                Set.of(OpenFlag.O_RDWR, OpenFlag.O_CREAT, OpenFlag.O_EXCL, OpenFlag.O_CLOEXEC),
                FileMode.of(0600));
        Path file = Path.of("/proc/self/fd", Integer.toString(fd)); // not every locale has the name
        try {
            assertThat(posix.write(fd, "hello".getBytes(StandardCharsets.UTF_8))).isEqualTo(5);
            FileStatus status = posix.fstat(fd);
            assertThat(status).isEqualTo(posix.stat(name));
            assertThat(status.ino()).isEqualTo(Files.getAttribute(file, "unix:ino"));
            assertThat(status.dev()).isEqualTo(Files.getAttribute(file, "unix:dev"));
            assertThat(status.permissions().bits())
                    .isEqualTo((int) Files.getAttribute(file, "unix:mode") & 07777);
            assertThat(status.type()).isEqualTo(FileType.REGULAR);
            assertThat(posix.stat("/").type()).isEqualTo(FileType.DIRECTORY);
            assertThat(posix.stat("/dev/null").type()).isEqualTo(FileType.CHARACTER_DEVICE);
            assertThat(status.nlink())
                    .isEqualTo(((Number) Files.getAttribute(file, "unix:nlink")).longValue());
            assertThat(status.uid()).isEqualTo(((Number) Files.getAttribute(file, "unix:uid")).longValue());
            assertThat(status.gid()).isEqualTo(((Number) Files.getAttribute(file, "unix:gid")).longValue());
            assertThat(status.size()).isEqualTo(5);
            assertThat(status.isRegularFile()).isTrue();
            assertThat(status.permissions()).isEqualTo(FileMode.of(0600));
        } finally {
            posix.close(fd);
        }
        int again = posix.open(name, OpenFlag.O_RDONLY, OpenFlag.O_CLOEXEC);
        try {
            assertThat(posix.read(again, 100)).asString(StandardCharsets.UTF_8).isEqualTo("hello");
            assertThat(posix.read(again, 100)).isEmpty();
        } finally {
            posix.close(again);
        }
    }

    @Test
    void file_name_that_is_not_text_is_kept(@TempDir Path directory) {
        byte[] name = (directory + "/x").getBytes(StandardCharsets.UTF_8);
        name[name.length - 1] = (byte) 0xff;
        CString path = CString.ofBytes(name);
        posix.close(posix.open(path, Set.of(OpenFlag.O_WRONLY, OpenFlag.O_CREAT, OpenFlag.O_CLOEXEC),
                FileMode.of(0600)));
        assertThat(posix.stat(path).isRegularFile()).isTrue();
        assertThatThrownBy(() -> posix.chdir(path)).isInstanceOf(PosixException.class)
                .hasMessageContaining("\\xff\"): Not a directory");
    }

    @Test
    void devices_and_directories_are_distinguished() {
        assertThat(posix.stat("/dev/null").isCharacterDevice()).isTrue();
        assertThat(posix.stat("/dev/null").isSameFileAs(posix.stat("/proc/self/../../dev/null"))).isTrue();
        assertThat(posix.stat("/dev").isDirectory()).isTrue();
        assertThat(posix.stat("/dev/null").isSameFileAs(posix.stat("/dev/zero"))).isFalse();
    }

    @Test
    void pipe_carries_bytes_until_its_write_end_is_closed() {
        Posix.Pipe pipe = posix.pipe2(Set.of(OpenFlag.O_CLOEXEC));
        assertThat(posix.isCloseOnExec(pipe.readEnd())).isTrue();
        posix.write(pipe.writeEnd(), new byte[]{1, 2, 3});
        posix.close(pipe.writeEnd());
        assertThat(posix.read(pipe.readEnd(), 10)).containsExactly(1, 2, 3);
        assertThat(posix.read(pipe.readEnd(), 10)).isEmpty();
        posix.close(pipe.readEnd());
        assertThatThrownBy(() -> posix.close(pipe.readEnd())).isInstanceOf(PosixException.class)
                .hasMessageContaining("EBADF");
    }

    @Test
    void function_for_forked_processes_cannot_be_called_in_the_jvm() {
        assertThatThrownBy(() -> posix.call(new NativeCall(CFunction.FORK)))
                .isInstanceOf(AssertionError.class);
        assertThatThrownBy(() -> posix.call(new NativeCall(CFunction._EXIT).argument(0)))
                .isInstanceOf(AssertionError.class);
        assertThat(List.of(Posix.class.getMethods())).extracting("name").isNotEmpty().doesNotContain("fork",
                "_exit");
    }

    @Test
    void each_of_many_threads_gets_its_own_errno() throws Exception {
        List<Callable<PosixException>> failures = List.of(() -> failure(() -> posix.close(-1)),
                () -> failure(() -> posix.chdir("/nope")), () -> failure(() -> posix.chdir("/dev/null")),
                () -> failure(() -> posix.getpgid(-1)),
                () -> failure(() -> posix.kill(Integer.MAX_VALUE, Signal.SIGTERM)),
                () -> failure(() -> posix.waitpid(1)),
                () -> failure(() -> posix.open("/", OpenFlag.O_WRONLY)),
                () -> failure(() -> posix.dup2(0, -1)), () -> failure(() -> posix.stat("x".repeat(5000))));
        List<Errno> expected = List.of(Errno.EBADF, Errno.ENOENT, Errno.ENOTDIR, Errno.ESRCH, Errno.ESRCH,
                Errno.ECHILD, Errno.EISDIR,
                Errno.EBADF, Errno.ENAMETOOLONG);
        int rounds = 3000;
        try (var executor = Executors.newFixedThreadPool(failures.size())) {
            List<Future<Integer>> wrong = new ArrayList<>();
            for (int i = 0; i < failures.size(); i++) {
                Callable<PosixException> failure = failures.get(i);
                Errno errno = expected.get(i);
                wrong.add(executor.submit(() -> {
                    int others = 0;
                    for (int round = 0; round < rounds; round++) {
                        others += failure.call().errno().equals(errno) ? 0 : 1;
                    }
                    return others;
                }));
            }
            for (Future<Integer> count : wrong) {
                assertThat(count.get()).isZero();
            }
        }
    }

    private static PosixException failure(Runnable call) {
        try {
            call.run();
        } catch (PosixException expected) {
            return expected;
        }
        throw new AssertionError("should have failed");
    }
}
