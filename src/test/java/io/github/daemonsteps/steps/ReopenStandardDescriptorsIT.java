package io.github.daemonsteps.steps;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import io.github.daemonsteps.DaemonSteps;
import io.github.daemonsteps.ffm.NativePosix;
import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.Errno;
import io.github.daemonsteps.posix.FileMode;
import io.github.daemonsteps.posix.ForkedProcess;
import io.github.daemonsteps.posix.OpenFlag;
import io.github.daemonsteps.posix.PosixException;
import io.github.daemonsteps.process.ProcessState;
import io.github.daemonsteps.testing.Programs;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Step 7: descriptors 0, 1 and 2 are the requested files. */
class ReopenStandardDescriptorsIT {

    private final NativePosix posix = NativePosix.get();

    @Test
    void standard_descriptors_are_dev_null_by_default() {
        try (var process = ForkedProcess.fork()) {
            StepReport report = new ReopenStandardDescriptors().run(process);
            assertThat(report.outcome()).isEqualTo(new StepOutcome.Done("/dev/null, /dev/null, /dev/null"));
            isFile(0, "/dev/null", process);
            isFile(1, "/dev/null", process);
            isFile(2, "/dev/null", process);
            assertThat(process.read(0, 1)).isEmpty();
            assertThat(process.write(1, bytes("gone"))).isEqualTo(4);
        }
    }

    /** Each bit of the number says whether that descriptor is closed before. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7})
    void standard_descriptors_are_three_files_whichever_were_open(int closed, @TempDir Path directory)
            throws Exception {
        String out = directory.resolve("out").toString();
        String err = directory.resolve("err").toString();
        try (var process = ForkedProcess.fork()) {
            for (int fd = 0; fd <= 2; fd++) {
                if ((closed & 1 << fd) != 0) {
                    process.close(fd);
                }
            }
            process.getpid(); // the process has closed the launcher's end of its control socket by now
            SortedMap<Integer, String> others = others(process);
            assertThat(new ReopenStandardDescriptors(StreamTarget.devNull(), StreamTarget.log(Path.of(out)),
                    StreamTarget.log(Path.of(err)))
                    .run(process).outcome())
                    .isEqualTo(new StepOutcome.Done("/dev/null, " + out + ", " + err));
            isFile(0, "/dev/null", process);
            isFile(1, out, process);
            isFile(2, err, process);
            assertThat(others(process)).as("all above 2 is as it was").isEqualTo(others);
            process.write(1, bytes("to out"));
            process.write(2, bytes("to err"));
            assertThat(Path.of(out)).hasContent("to out");
            assertThat(Path.of(err)).hasContent("to err");
        }
    }

    @Test
    void output_and_errors_to_one_target_share_one_opening(@TempDir Path directory) throws Exception {
        Path log = directory.resolve("log");
        try (var run = DaemonSteps.classic().redirectOutput(StreamTarget.log(log)).start()) {
            assertThat(run.runRemaining()).noneMatch(StepReport::failed);
            assertThat(
                    run.reports().getLast().calls().stream().filter(call -> call.function().equals("open")))
                    .hasSize(2);
            run.process().write(1, bytes("one "));
            run.process().write(2, bytes("two "));
            run.process().write(1, bytes("three"));
            assertThat(log).hasContent("one two three");
        }
    }

    @Test
    void log_file_is_created_for_its_owner_and_group_even_under_umask_0(@TempDir Path directory) {
        String log = directory.resolve("log").toString();
        try (var process = ForkedProcess.fork()) {
            process.umask(FileMode.of(0));
            assertThat(reopen(StreamTarget.log(Path.of(log)), process)).isInstanceOf(StepOutcome.Done.class);
            assertThat(posix.stat(log).permissions()).isEqualTo(FileMode.of(0640));
        }
    }

    @Test
    void log_file_that_exists_is_appended_to(@TempDir Path directory) throws Exception {
        Path log = Files.writeString(directory.resolve("log"), "older\n");
        long inode = posix.stat(log.toString()).ino();
        try (var process = ForkedProcess.fork()) {
            assertThat(reopen(StreamTarget.log(log), process)).isInstanceOf(StepOutcome.Done.class);
            assertThat(log).hasContent("older\n");
            process.write(1, bytes("newer\n"));
            Files.writeString(log, ""); // as a rotation by copy and truncate does: later output goes to the new end
            process.write(2, bytes("newest\n"));
        }
        assertThat(log).hasContent("newest\n");
        assertThat(posix.stat(log.toString()).ino()).isEqualTo(inode);
    }

    @Test
    void log_file_that_is_a_symbolic_link_is_refused(@TempDir Path directory) throws Exception {
        Path file = Files.writeString(directory.resolve("file"), "precious");
        Path link = Files.createSymbolicLink(directory.resolve("link"), file);
        try (var process = ForkedProcess.fork()) {
            assertThat(reopen(StreamTarget.log(link), process)).isInstanceOfSatisfying(
                    StepOutcome.Failed.class, failed -> {
                        assertThat(failed.errno()).isEqualTo(Errno.ELOOP);
                        assertThat(failed.call()).startsWith("open(\"" + link + "\", ");
                    });
        }
        assertThat(file).hasContent("precious");
    }

    @Test
    void log_in_a_missing_directory_fails_with_ENOENT(@TempDir Path directory) {
        try (var process = ForkedProcess.fork()) {
            assertThat(reopen(StreamTarget.log(directory.resolve("no/log")), process))
                    .isInstanceOfSatisfying(StepOutcome.Failed.class,
                            failed -> assertThat(failed.errno()).isEqualTo(Errno.ENOENT));
        }
    }

    @Test
    void target_may_be_the_console() {
        try {
            posix.close(posix.open("/dev/console", OpenFlag.O_WRONLY, OpenFlag.O_NOCTTY));
        } catch (PosixException e) {
            abort("no console here: " + e.getMessage());
        }
        try (var process = ForkedProcess.fork()) {
            process.setsid();
            assertThat(reopen(StreamTarget.console(), process)).isInstanceOf(StepOutcome.Done.class);
            isFile(1, "/dev/console", process);
            isFile(2, "/dev/console", process);
            assertThat(ProcessState.of(process.pid()).tty()).isNull();
        }
    }

    @Test
    void standard_descriptors_stay_open_across_execve(@TempDir Path directory) throws Exception {
        String log = directory.resolve("log").toString();
        try (var run = DaemonSteps.classic().redirectOutput(StreamTarget.log(Path.of(log))).start()) {
            assertThat(run.runRemaining()).noneMatch(StepReport::failed);
            int pid = run.process().pid();
            try {
                assertThat(run.execve(Programs.stopsItself()).failed()).isFalse();
                Programs.awaitStopped(pid);
                assertThat(ProcessState.of(pid).fds()).isEqualTo(Map.of(0, "/dev/null", 1,
                        Path.of(log).toRealPath().toString(), 2, Path.of(log).toRealPath().toString()));
            } finally {
                Programs.end(pid);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7})
    void standard_descriptors_reach_the_program_with_any_flags(int closed) throws Exception {
        var target = new StreamTarget(CString.of("/dev/null"),
                Set.of(OpenFlag.O_RDWR, OpenFlag.O_NOCTTY, OpenFlag.O_CLOEXEC), FileMode.of(0));
        try (var process = ForkedProcess.fork()) {
            for (int fd = 0; fd <= 2; fd++) {
                if ((closed & 1 << fd) != 0) {
                    process.close(fd);
                }
            }
            assertThat(new ReopenStandardDescriptors(target, target, target).run(process).failed()).isFalse();
            for (int fd = 0; fd <= 2; fd++) {
                assertThat(process.isCloseOnExec(fd)).isFalse();
            }
        }
    }

    private static StepOutcome reopen(StreamTarget output, ForkedProcess process) {
        return new ReopenStandardDescriptors(StreamTarget.devNull(), output, output).run(process).outcome();
    }

    /** By device and inode, and for a device by its number. */
    private void isFile(int fd, String path, ForkedProcess process) {
        assertThat(posix.stat("/proc/" + process.pid() + "/fd/" + fd)).isEqualTo(posix.stat(path));
    }

    private static SortedMap<Integer, String> others(ForkedProcess process) {
        return new TreeMap<>(ProcessState.of(process.pid()).fds().tailMap(3));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
