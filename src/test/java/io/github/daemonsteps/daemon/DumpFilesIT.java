package io.github.daemonsteps.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daemonsteps.posix.Processes;
import io.github.daemonsteps.posix.Signal;
import io.github.daemonsteps.testing.CommandRunner;
import io.github.daemonsteps.testing.OrdinaryUser;
import io.github.daemonsteps.testkit.CommandResult;
import io.github.daemonsteps.testkit.Daemons;
import io.github.daemonsteps.testkit.Launcher;
import io.github.daemonsteps.testkit.TestDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The files that the JVM of a daemon leaves when it crashes or its heap is full. The working directory is
 * {@code /}, where only root may write.
 */
@Daemons
class DumpFilesIT {

    private Path directory;

    private OrdinaryUser user;
    private Path files;
    private CommandRunner runner;

    @BeforeEach
    void open(Launcher launcher, TestDirectory testDirectory) throws Exception {
        directory = testDirectory.path();
        user = new OrdinaryUser(directory);
        files = Files.createDirectory(directory.resolve("100%p"));
        if (!user.prefix().isEmpty()) {
            Files.setAttribute(files, "unix:uid", (int) user.uid());
        }
        Files.setPosixFilePermissions(files, PosixFilePermissions.fromString("rwx------"));
        runner = new CommandRunner(launcher, directory);
    }

    private CommandResult app(String subcommand, String... options) throws Exception {
        List<String> words = new ArrayList<>(List.of("-Ddirectory=" + files, "-Xmx32m", "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1", "-XX:-CreateCoredumpOnCrash"));
        words.addAll(List.of(options));
        return runner.run(user.command(words, CrashingApplication.class, subcommand));
    }

    private int start(String... options) throws Exception {
        CommandResult start = app("start", options);
        assertThat(start.status()).as("%s", start).isZero();
        return Integer.parseInt(start.out().replaceAll(".*pid ", "").strip());
    }

    private List<String> names() throws IOException {
        try (Stream<Path> list = Files.list(files)) {
            return list.map(file -> file.getFileName().toString()).toList();
        }
    }

    private static List<String> commandLine(int pid) throws IOException {
        return List.of(Files.readString(Path.of("/proc/" + pid + "/cmdline")).split("\0"));
    }

    @Test
    void error_file_of_a_crash_is_beside_the_log() throws Exception {
        int pid = start();
        Processes.signal(pid, Signal.SIGSEGV);
        Processes.awaitEnd(pid);
        assertThat(names()).contains("hs_err_pid" + pid + ".log");
        assertThat(app("status").status()).isEqualTo(1);
        Files.delete(files.resolve("app.pid"));
    }

    @Test
    void heap_dump_is_beside_the_log() throws Exception {
        int pid = start("-XX:+HeapDumpOnOutOfMemoryError", "-XX:+ExitOnOutOfMemoryError");
        app("reload");
        Processes.awaitEnd(pid);
        assertThat(names()).contains("java_pid" + pid + ".hprof");
        Files.delete(files.resolve("app.pid"));
    }

    @Test
    void dump_paths_of_the_user_stay() throws Exception {
        int pid = start("-XX:ErrorFile=" + files + "/mine.log", "-XX:HeapDumpPath=" + files + "/mine.hprof");
        assertThat(commandLine(pid)).filteredOn(word -> word.matches("-XX:(ErrorFile|HeapDumpPath)=.*"))
                .containsExactly("-XX:ErrorFile=" + files + "/mine.log",
                        "-XX:HeapDumpPath=" + files + "/mine.hprof");
        app("stop");
        runner.with("JAVA_TOOL_OPTIONS", "-XX:ErrorFile=" + files + "/variable.log");
        pid = start();
        assertThat(commandLine(pid)).filteredOn(word -> word.matches("-XX:(ErrorFile|HeapDumpPath)=.*"))
                .containsExactly("-XX:HeapDumpPath=" + files.toString().replace("%", "%%"));
        app("stop");
    }

    @Test
    void user_that_does_not_exist_is_a_failed_start() throws Exception {
        CommandResult start = app("start", "-Duser=no-such-user");
        assertThat(start.err()).startsWith("app: not started: ").hasLineCount(1);
        assertThat(start.status()).isNotZero();
    }

    @Test
    void daemon_with_a_working_directory_has_no_dump_options() throws Exception {
        int pid = start("-Dworking.directory=" + files);
        assertThat(commandLine(pid)).noneMatch(word -> word.matches("-XX:(ErrorFile|HeapDumpPath)=.*"));
        app("stop");
    }
}
