package io.github.daemonsteps.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.process.Environment;
import io.github.daemonsteps.testing.Await;
import io.github.daemonsteps.testing.ChildJvm;
import io.github.daemonsteps.testing.CommandRunner;
import io.github.daemonsteps.testkit.CommandResult;
import io.github.daemonsteps.testkit.Daemons;
import io.github.daemonsteps.testkit.Launcher;
import io.github.daemonsteps.testkit.TestDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** {@code train} and the AOT cache of an application. */
@Daemons
class TrainIT {

    private Path directory;
    private CommandRunner runner;

    @BeforeEach
    void open(Launcher launcher, TestDirectory testDirectory) {
        directory = testDirectory.path();
        runner = new CommandRunner(launcher, directory);
    }

    private CommandResult app(List<String> options, String... arguments) throws Exception {
        return app(ChildJvm.classPath(), options, arguments);
    }

    private CommandResult app(String classPath, List<String> options, String... arguments) throws Exception {
        List<String> words = new ArrayList<>(
                List.of(ChildJvm.java().toString(), "-XX:+UseSerialGC", "-Ddirectory=" + directory));
        words.addAll(options);
        words.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-cp", classPath,
                TrainedApplication.class.getName()));
        words.addAll(List.of(arguments));
        return runner.run(words);
    }

    @Test
    void launcher_and_daemon_find_all_classes_of_the_library_in_the_cache() throws Exception {
        Path cache = directory.resolve("app.aot");
        CommandResult train = app(List.of("-XX:AOTCacheOutput=" + cache), "train");
        assertThat(train.status()).as("%s", train).isZero();
        assertThat(train.lines()).contains("app: ready");
        assertThat(cache).isNotEmptyFile();
        assertThat(directory.resolve("app.pid")).doesNotExist();
        assertThat(directory.resolve("stopped")).as("the stop actions are trained too").exists();

        Path classes = Files.createDirectory(directory.resolve("classes"));
        List<String> options = List.of(TrainedApplication.LAUNCHER_OPTION, "-XX:AOTCache=" + cache,
                "-Xlog:class+load:file=" + classes + "/%p");
        CommandResult start = app(options, "start");
        assertThat(start.out()).startsWith("app: started, pid ");
        assertThat(app(List.of(), "stop").status()).isZero();
        try (var logs = Files.newDirectoryStream(classes)) {
            int count = 0;
            for (Path log : logs) {
                assertThat(Files.readAllLines(log)).as("%s", log).hasSizeGreaterThan(500)
                        .noneMatch(line -> line.contains(" io.github.daemonsteps.")
                                && line.contains(" source: file:"));
                count++;
            }
            assertThat(count).as("launcher and daemon").isEqualTo(2);
        }
    }

    @Test
    void option_of_the_launcher_alone_does_not_reach_the_daemon() throws Exception {
        List<String> options = List.of(TrainedApplication.LAUNCHER_OPTION, "-Dother=x");
        CommandResult start = app(options, "start");
        int pid = Integer.parseInt(start.out().strip().replace("app: started, pid ", ""));
        assertThat(Environment.strings(Path.of("/proc", Integer.toString(pid), "cmdline")))
                .contains(CString.of("-Dother=x"))
                .doesNotContain(CString.of(TrainedApplication.LAUNCHER_OPTION));
        assertThat(app(options, "stop").status()).isZero();

        assertThat(app(options, "unit").out()).contains("-Dother=x")
                .doesNotContain(TrainedApplication.LAUNCHER_OPTION);
        assertThat(app(options, "logrotate").out()).as("reload is a launcher").contains("-Dother=x",
                TrainedApplication.LAUNCHER_OPTION);
    }

    /** Changes the status of a file, until the time of that is later than that of another file. */
    private static void changeAfter(Path file, Path other) throws Exception {
        Await.until(() -> {
            Files.setLastModifiedTime(file, FileTime.from(Instant.now()));
            return changed(file).compareTo(changed(other)) > 0;
        });
    }

    private static FileTime changed(Path file) throws IOException {
        return (FileTime) Files.getAttribute(file, "unix:ctime");
    }

    @Test
    void start_warns_of_a_jar_that_is_newer_than_the_cache() throws Exception {
        Path cache = Files.createFile(directory.resolve("old.aot"));
        Path jar = Files.createFile(directory.resolve("new.jar"));
        changeAfter(jar, cache);
        String line =
                "app: warning: the AOT cache " + cache + " is older than " + jar + ", and the JVM may run old"
                        + " classes: delete the cache, and make it again with train";
        String classPath = ChildJvm.classPath() + ":" + jar;
        List<String> options = List.of("-XX:AOTCache=" + cache);
        assertThat(app(classPath, options, "start").err()).contains(line);
        assertThat(app(classPath, options, "restart").err()).contains(line);
        changeAfter(cache, jar);
        assertThat(app(classPath, options, "restart").err()).doesNotContain("is older than");
        assertThat(app(List.of(), "stop").status()).isZero();
    }

    @Test
    void running_daemon_is_not_trained() throws Exception {
        assertThat(app(List.of(), "start").status()).isZero();
        assertThat(app(List.of(), "train")).isEqualTo(new CommandResult(1, "",
                "app: not trained: the daemon runs; stop it first\n"));
        assertThat(app(List.of(), "stop").status()).isZero();
    }

    @Test
    void start_that_would_fail_is_not_trained() throws Exception {
        Files.createSymbolicLink(directory.resolve("app.pid"), directory.resolve("elsewhere"));
        CommandResult train = app(List.of(), "train");
        assertThat(train.status()).isEqualTo(1);
        assertThat(train.err()).contains("is a symbolic link").doesNotContain("ready");
        Files.delete(directory.resolve("app.pid"));
    }

    @Test
    void application_that_fails_fails_the_training() throws Exception {
        CommandResult train = app(List.of(), "train", "fail");
        assertThat(train.status()).isEqualTo(1);
        assertThat(train.err()).contains("as it was told");
    }
}
