package io.github.daemonsteps.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daemonsteps.process.Program;
import io.github.daemonsteps.steps.StepName;
import io.github.daemonsteps.testing.Command;
import io.github.daemonsteps.testing.CommandRunner;
import io.github.daemonsteps.testing.Tool;
import io.github.daemonsteps.testkit.Daemons;
import io.github.daemonsteps.testkit.Launcher;
import io.github.daemonsteps.testkit.ResourceSnapshot;
import io.github.daemonsteps.testkit.TestDirectory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A log and a pid file that are one file, by different paths: the start is refused without an effect. */
@Daemons
class DistinctFilesIT {

    private Path directory;
    private CommandRunner runner;
    private Path pidFile;

    @BeforeEach
    void lay(Launcher testLauncher, TestDirectory testDirectory) throws IOException {
        directory = testDirectory.path();
        runner = new CommandRunner(testLauncher, directory);
        pidFile = directory.resolve("d.pid");
        Files.createDirectory(directory.resolve("sub"));
        Files.createSymbolicLink(directory.resolve("link"), directory);
    }

    @AfterEach
    void stop() {
        daemon().stop();
    }

    private Daemon daemon() {
        return Daemon.named("d").pidFile(pidFile).log(directory.resolve("d.log"))
                .stopTimeout(Duration.ofSeconds(20));
    }

    private static StartResult start(Daemon daemon) {
        return daemon.start(Program.of("/bin/sleep", "300"), new Readiness.AliveAfter(Duration.ofMillis(1)));
    }

    private void assertRefused(Daemon daemon, String log, Path logPath, String own) throws Exception {
        List<String> before = files();
        StartResult result = start(daemon);
        assertThat(result).isInstanceOf(StartResult.Failed.class);
        assertThat(result.message()).isEqualTo("d: not started: " + log + " \"" + logPath + "\" and " + own
                + " are one file: give them different files");
        assertThat(ExitStatus.of(result)).isEqualTo(1);
        assertThat(daemon.preflight()).contains(result);
        assertThat(files()).isEqualTo(before);
    }

    private List<String> files() throws IOException {
        try (var files = Files.walk(directory)) {
            List<String> all = new ArrayList<>();
            for (Path file : (Iterable<Path>) files.sorted()::iterator) {
                all.add(file + (Files.isRegularFile(file) ? ": " + Files.readString(file) : ""));
            }
            return all;
        }
    }

    @ParameterizedTest
    @CsvSource({"d.pid, false", "d.pid, true", "./d.pid, false", "./d.pid, true", "sub/../d.pid, false",
        "sub/../d.pid, true",
        "link/d.pid, false", "link/d.pid, true", "link/sub/.././/d.pid, false"})
    void log_at_the_path_of_the_pid_file_is_refused(String log, boolean isThere) throws Exception {
        if (isThere) {
            Files.writeString(pidFile, "");
        }
        Path path = Path.of(directory + "/" + log);
        assertRefused(daemon().log(path), "the log", path, "the pid file \"" + pidFile + "\"");
        assertRefused(daemon().errorLog(path), "the error log", path, "the pid file \"" + pidFile + "\"");
    }

    @Test
    void log_that_is_a_hard_link_to_the_pid_file_is_refused() throws Exception {
        Files.writeString(pidFile, "");
        Path log = Files.createLink(directory.resolve("other.log"), pidFile);
        assertRefused(daemon().log(log), "the log", log, "the pid file \"" + pidFile + "\"");
        Files.delete(pidFile); // a stop does not remove a file of two names
    }

    @Test
    void log_that_is_a_symbolic_link_to_the_pid_file_is_refused() throws Exception {
        Files.writeString(pidFile, "");
        Path log = Files.createSymbolicLink(directory.resolve("other.log"), pidFile);
        assertRefused(daemon().log(log), "the log", log, "the pid file \"" + pidFile + "\"");
    }

    @Test
    void log_at_the_path_of_the_record_of_the_pid_file_is_refused() throws Exception {
        Path log = Path.of(directory + "/link/d.pid.record");
        assertRefused(daemon().log(log), "the log", log,
                "the record of the pid file \"" + pidFile + ".record\"");
    }

    @Test
    void log_and_error_log_in_one_file_are_accepted() {
        Daemon daemon = daemon().errorLog(Path.of(directory + "/link/d.log"));
        assertThat(start(daemon)).isInstanceOf(StartResult.Started.class);
    }

    @Test
    void files_of_one_name_in_two_directories_are_accepted() throws Exception {
        Path log = directory.resolve("sub/d.pid");
        Daemon daemon = daemon().log(log);
        assertThat(start(daemon)).isInstanceOf(StartResult.Started.class);
        Files.delete(log); // has the name of a pid file
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "touch ground/d.pid &&"})
    void log_that_is_a_bind_mount_of_the_pid_file_is_refused(String before) throws Exception {
        List<String> mounted = List.of(Tool.need("unshare"), "--mount", "/bin/sh", "-c",
                "cd \"$1\" && mkdir ground other && mount --bind ground other && " + before
                        + " shift && exec \"$@\"",
                "sh", directory.toString());
        Assumptions.assumeTrue(Command.run(Tool.need("unshare"), "--mount", "true").status() == 0,
                "this system does not allow a mount here");
        try (var launcher = LauncherElsewhere.start(runner, directory, mounted)) {
            assertThat(launcher.start("ground/d.pid", "other/d.pid")).isEqualTo("1 d: not started: the log \""
                    + directory + "/other/d.pid\" and the pid file \"" + directory
                    + "/ground/d.pid\" are one file: give them different files");
        }
        assertThat(Files.deleteIfExists(directory.resolve("ground/d.pid"))).isEqualTo(!before.isEmpty());
    }

    /** Another process is faster: the log becomes the pid file after the first check. */
    @Test
    void log_that_becomes_the_pid_file_before_it_is_opened_is_refused() throws Exception {
        Path logs = Files.createDirectory(directory.resolve("logs"));
        Path way = Files.createSymbolicLink(directory.resolve("way"), logs);
        Path log = way.resolve("d.pid");
        start(daemon()); // the first start opens what later ones need
        daemon().stop();
        var before = ResourceSnapshot.ofThisJvm();
        StartResult result = start(daemon().log(log).onStep(report -> {
            if (report.step().equals(StepName.CLOSE)) {
                try {
                    Path fresh = Files.createSymbolicLink(directory.resolve("fresh"), directory);
                    Files.move(fresh, way, StandardCopyOption.ATOMIC_MOVE,
                            StandardCopyOption.REPLACE_EXISTING);
                } catch (IOException failed) {
                    throw new UncheckedIOException(failed);
                }
            }
        }));
        assertThat(result.message()).isEqualTo("d: not started: the log \"" + log + "\" and the pid file \""
                + pidFile + "\" are one file: give them different files");
        assertThat(pidFile).doesNotExist();
        assertThat(ResourceSnapshot.ofThisJvm()).isEqualTo(before);
    }
}
