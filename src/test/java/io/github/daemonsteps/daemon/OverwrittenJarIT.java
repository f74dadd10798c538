package io.github.daemonsteps.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daemonsteps.testing.Await;
import io.github.daemonsteps.testing.ChildJvm;
import io.github.daemonsteps.testing.CommandRunner;
import io.github.daemonsteps.testing.NotifyReceiver;
import io.github.daemonsteps.testkit.CommandResult;
import io.github.daemonsteps.testkit.Daemons;
import io.github.daemonsteps.testkit.Launcher;
import io.github.daemonsteps.testkit.TestDirectory;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.spi.ToolProvider;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** An application that is one jar with the library, and the jar is overwritten while the daemon runs, as cp(1) does it. */
@Daemons
class OverwrittenJarIT {

    private Path directory;
    private CommandRunner runner;

    @BeforeEach
    void open(Launcher launcher, TestDirectory testDirectory) throws Exception {
        directory = testDirectory.path();
        runner = new CommandRunner(launcher, directory);
        Files.writeString(file("manifest"), "Main-Class: " + PackedApplication.class.getName()
                + "\nEnable-Native-Access: ALL-UNNAMED\n");
        Files.createFile(file("app.jar.first"));
        pack("app.jar", "--create", "--file", runner.file("app.jar"));
        // Does the same in other places.
        Files.write(file("new.jar.first"), new byte[100_000]);
        pack("new.jar", "--create", "--no-compress", "--file", runner.file("new.jar"));
    }

    private void pack(String name, String... options) {
        List<String> words = new ArrayList<>(List.of(options));
        words.addAll(
                List.of("--manifest", runner.file("manifest"), "-C", directory.toString(), name + ".first"));
        Path target = ChildJvm.baseDirectory().resolve("target");
        words.addAll(List.of("-C", target.resolve("classes").toString(), "io"));
        for (String each : List.of("", "$Late", "$Ready")) {
            words.addAll(List.of("-C", target.resolve("test-classes").toString(),
                    PackedApplication.class.getName().replace('.', '/') + each + ".class"));
        }
        int status = ToolProvider.findFirst("jar").orElseThrow().run(System.out, System.err,
                words.toArray(String[]::new));
        assertThat(status).as(name).isZero();
    }

    private Path file(String name) {
        return directory.resolve(name);
    }

    private String log() throws IOException {
        return Files.readString(file("packed.log"));
    }

    private CommandResult app(String subcommand, String... options) throws Exception {
        List<String> words = new ArrayList<>(List.of(ChildJvm.java().toString(), "-Ddirectory=" + directory,
                "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
        words.addAll(List.of(options));
        words.addAll(List.of("-jar", runner.file("app.jar"), subcommand));
        CommandResult run = runner.run(words);
        assertThat(run.status()).as("%s", run).isZero();
        return run;
    }

    private void reloadAndAwait(int reloads) throws Exception {
        app("reload");
        Await.until(() -> reloaded() >= reloads);
    }

    private int reloaded() throws IOException {
        int reloaded = 0;
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "reloaded-*")) {
            for (Path _ : files) {
                reloaded++;
            }
        }
        return reloaded;
    }

    private void overwrite() throws Exception {
        assertThat(runner.run(List.of("cp", runner.file("new.jar"), runner.file("app.jar"))).status())
                .isZero();
    }

    @Test
    void restart_runs_the_stop_actions_of_the_old_daemon() throws Exception {
        app("start");
        overwrite();
        app("restart");
        assertThat(log()).contains("saving\nsaved\n", "NoClassDefFoundError", "an action that fails");
        app("stop");
        assertThat(log()).containsSubsequence("saved\n", "late\n", "saving\nsaved\n");
    }

    @Test
    void reload_with_overwritten_jar_reopens_the_log_and_runs_the_actions() throws Exception {
        app("start");
        overwrite();
        reloadAndAwait(1);
        assertThat(log()).contains("NoClassDefFoundError", "reloaded\n");
        Files.move(file("packed.log"), file("packed.log.1"));
        reloadAndAwait(2);
        assertThat(log()).endsWith("reloaded\n");
        app("stop");
        assertThat(log()).endsWith("saving\nsaved\n");
    }

    @Test
    void ready_daemon_loads_no_more_classes_of_the_library() throws Exception {
        assertNoClassIsLoadedLater();
    }

    @Test
    void ready_daemon_under_a_supervisor_loads_no_more_classes_of_the_library() throws Exception {
        runner.with("NOTIFY_SOCKET", runner.file("notify"));
        try (var receiver = NotifyReceiver.bind(runner.file("notify"))) {
            assertNoClassIsLoadedLater();
            receiver.until(text -> text.equals("STOPPING=1"));
        }
    }

    private void assertNoClassIsLoadedLater() throws Exception {
        app("start", "-Ddaemon.options=-Xlog:class+load=info:file=" + file("classes.log"));
        reloadAndAwait(1);
        Files.move(file("packed.log"), file("packed.log.1"));
        reloadAndAwait(2);
        Files.delete(file("packed.log"));
        Files.createDirectory(file("packed.log"));
        reloadAndAwait(3);
        Files.delete(file("packed.log"));
        Files.createSymbolicLink(file("packed.log"), file("elsewhere"));
        reloadAndAwait(4);
        app("stop");
        List<String> loaded = Files.readAllLines(file("classes.log")).stream()
                .filter(line -> line.contains("source: file:" + file("app.jar"))).toList();
        String ready = PackedApplication.class.getName() + "$Ready ";
        int after = loaded
                .indexOf(loaded.stream().filter(line -> line.contains(ready)).findFirst().orElseThrow());
        assertThat(loaded.subList(0, after)).hasSizeGreaterThan(80);
        assertThat(loaded.subList(after + 1, loaded.size())).singleElement().asString()
                .contains(PackedApplication.class.getName() + "$Late ");
    }

    @Test
    void start_and_stop_that_wait_report_as_usual() throws Exception {
        assertThat(runner.run(List.of("mkfifo", "go", "end")).status()).isZero();
        FutureTask<CommandResult> start = waiting("start", 2);
        overwrite();
        Files.writeString(file("go"), "");
        assertThat(start.get(ChildJvm.DEADLINE.toSeconds(), TimeUnit.SECONDS).out())
                .startsWith("packed: started, pid ");
        FutureTask<CommandResult> stop = waiting("stop", 1);
        overwrite();
        Files.writeString(file("end"), "");
        assertThat(stop.get(ChildJvm.DEADLINE.toSeconds(), TimeUnit.SECONDS).out())
                .startsWith("packed: stopped, pid ");
        assertThat(file("packed.pid")).doesNotExist();
    }

    /** A subcommand that waits: it and the daemon that it starts have loaded the last class of the list. */
    private FutureTask<CommandResult> waiting(String subcommand, int processes) throws Exception {
        String classes = subcommand + "-classes-";
        var waiting = new FutureTask<>(
                () -> app(subcommand, "-Dwaits=true", "-Xlog:class+load=info:file=" + file(classes) + "%p"));
        new Thread(waiting).start();
        List<String> list = Files.readAllLines(ChildJvm.baseDirectory()
                .resolve("target/classes/io/github/daemonsteps/daemon/control/launcher-classes.txt"));
        String last = list.getLast().replaceFirst("\\.class$", "").replace('/', '.');
        Await.until(() -> filesWith("io.github.daemonsteps." + last + " ", classes + "*") >= processes);
        return waiting;
    }

    private int filesWith(String text, String glob) throws IOException {
        int found = 0;
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, glob)) {
            for (Path each : files) {
                found += Files.readString(each).contains(text) ? 1 : 0;
            }
        }
        return found;
    }
}
