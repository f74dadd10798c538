package io.github.daemonsteps.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.daemonsteps.ffm.NativePosix;
import io.github.daemonsteps.testing.Await;
import io.github.daemonsteps.testing.ChildJvm;
import io.github.daemonsteps.testing.CommandRunner;
import io.github.daemonsteps.testing.Tool;
import io.github.daemonsteps.testkit.CommandResult;
import io.github.daemonsteps.testkit.Daemons;
import io.github.daemonsteps.testkit.Launcher;
import io.github.daemonsteps.testkit.TestDirectory;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The real logrotate with the configuration that the subcommand {@code logrotate} prints. */
@Daemons
class LogrotateIT {

    private static final String USER = "nobody";

    private Path directory;
    private CommandRunner runner;
    private String logrotate;

    @BeforeEach
    void open(Launcher launcher, TestDirectory testDirectory) throws IOException {
        directory = testDirectory.path();
        logrotate = Tool.path("logrotate");
        runner = new CommandRunner(launcher, directory)
                .with("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
    }

    private List<String> words(Path logs, String... arguments) {
        return ChildJvm.command(
                List.of("-Dlog.directory=" + logs, "-Dpid.file=" + directory.resolve("app.pid")),
                ChattyApplication.class, arguments);
    }

    private CommandResult app(Path logs, String... arguments) throws Exception {
        return runner.run(words(logs, arguments));
    }

    /** Writes a configuration to a file as logrotate demands it. */
    private Path configuration(CommandResult printed) throws Exception {
        assertThat(printed.status()).as("%s", printed).isZero();
        assertThat(printed.err()).isEmpty();
        Path file = directory.resolve("logrotate.conf");
        Files.write(file, printed.out().getBytes(StandardCharsets.ISO_8859_1));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        CommandResult dry = logrotate("-d", file);
        assertThat(dry.err()).doesNotContain("error:");
        return file;
    }

    private CommandResult logrotate(String option, Path file) throws Exception {
        CommandResult result = runner.run(
                List.of(logrotate, "-v", option, "-s", directory.resolve("state").toString(),
                        file.toString()));
        assertThat(result.status()).as("%s", result).isZero();
        return result;
    }

    private static List<String> lines(Path file) throws IOException {
        return Files.exists(file) ? Files.readAllLines(file) : List.of();
    }

    /** Returns the numbers in these files, which are lines of their own. */
    private static List<Integer> numbers(Path... files) throws IOException {
        List<Integer> numbers = new ArrayList<>();
        for (Path file : files) {
            lines(file).stream().filter(line -> line.matches("[0-9]+")).map(Integer::valueOf)
                    .forEach(numbers::add);
        }
        return numbers;
    }

    private static Path logs(Path parent, String name) throws IOException {
        return Files.createDirectory(parent.resolve(name));
    }

    private static Path rotated(Path log) {
        return log.resolveSibling(log.getFileName() + ".1");
    }

    private static void awaitLine(Path log) throws IOException {
        Await.until(() -> !numbers(log).isEmpty(), () -> lines(log));
    }

    /** Each line that the application writes is in one of the files. */
    private static void assertNothingLost(Path log) throws IOException {
        List<Integer> written = numbers(rotated(log), log);
        assertThat(written)
                .containsExactlyElementsOf(IntStream.range(0, written.size()).boxed().toList());
    }

    @ParameterizedTest
    @ValueSource(strings = {"logs", "a b it's #x ~", "q\"uote \\ a*b?c[d] $HOME"})
    void application_writes_to_the_new_log_and_no_line_is_lost(String name) throws Exception {
        Path logs = logs(directory, name);
        Path log = logs.resolve("app.log");
        assertThat(app(logs, "start").status()).isZero();
        awaitLine(log);
        Path file = configuration(app(logs, "logrotate"));
        logrotate("-f", file);
        awaitLine(log);
        assertThat(app(logs, "stop").status()).isZero();
        assertNothingLost(log);
        Path errors = logs.resolve("app.err");
        assertThat(lines(rotated(errors))).isNotEmpty();
        assertThat(Files.getPosixFilePermissions(log))
                .isEqualTo(PosixFilePermissions.fromString("rw-r-----"));
        assertThat(runner.processes()).isEmpty();
    }

    @Test
    void rotation_while_the_daemon_does_not_run_succeeds() throws Exception {
        Path logs = logs(directory, "logs");
        Files.writeString(logs.resolve("app.log"), "old\n");
        logrotate("-f", configuration(app(logs, "logrotate")));
        assertThat(logs.resolve("app.log.1")).hasContent("old");
        assertThat(logs.resolve("app.log")).isEmptyFile();
    }

    /** The service manager opens the log, as {@code StandardOutput=append:} does. */
    @Test
    void application_in_the_foreground_reopens_a_log_that_was_opened_for_it() throws Exception {
        Path logs = logs(directory, "logs");
        File log = logs.resolve("app.log").toFile();
        Process run = runner.builder(words(logs, "run")).redirectOutput(ProcessBuilder.Redirect.appendTo(log))
                .redirectError(ProcessBuilder.Redirect.appendTo(logs.resolve("app.err").toFile())).start();
        awaitLine(log.toPath());
        logrotate("-f", configuration(app(logs, "logrotate")));
        awaitLine(log.toPath());
        assertThat(app(logs, "stop").status()).isZero();
        run.waitFor();
        assertNothingLost(log.toPath());
    }

    /** The directory of the log belongs to the daemon's user, so logrotate acts as that user. */
    @Test
    void log_in_a_directory_of_another_user_is_rotated_as_that_user() throws Exception {
        assumeTrue(NativePosix.get().getuid() == 0, "only root starts a daemon as another user");
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path logs = logs(directory, "logs");
        Path log = logs.resolve("app.log");
        Files.createFile(log);
        Files.createFile(logs.resolve("app.err"));
        for (Path file : List.of(logs, log, logs.resolve("app.err"))) {
            Files.setOwner(file, directory.getFileSystem().getUserPrincipalLookupService()
                    .lookupPrincipalByName(USER));
        }
        runner.with("JAVA_TOOL_OPTIONS", "-Das.user=" + USER);
        assertThat(app(logs, "start").status()).isZero();
        awaitLine(log);
        CommandResult printed = app(logs, "logrotate");
        assertThat(printed.out()).contains("    su " + USER + " nogroup\n",
                "    create 0640 " + USER + " nogroup\n",
                "/usr/bin/env JAVA_TOOL_OPTIONS=-Das.user=" + USER + " ");
        Path file = configuration(new CommandResult(printed.status(), printed.out(), ""));
        logrotate("-f", file);
        awaitLine(log);
        Files.delete(directory.resolve("state"));
        logrotate("-f", file);
        awaitLine(log);
        assertThat(app(logs, "stop").status()).isZero();
        assertThat(Files.getOwner(log).getName()).isEqualTo(USER);
        assertThat(logs.resolve("app.log.2.gz")).exists();
        assertThat(runner.processes()).isEmpty();
    }

    /** The owner of a directory above can put another directory in the place of root's. */
    @Test
    void log_in_a_directory_of_root_below_that_of_another_user_is_rotated_as_the_user_of_the_daemon()
            throws Exception {
        assumeTrue(NativePosix.get().getuid() == 0, "only root gives files away");
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path above = logs(directory, "above");
        Path logs = logs(above, "logs");
        runner.with("JAVA_TOOL_OPTIONS", "-Das.user=" + USER);
        assertThat(app(logs, "logrotate").out()).doesNotContain("    su ");
        Files.setOwner(above, directory.getFileSystem().getUserPrincipalLookupService()
                .lookupPrincipalByName(USER));
        assertThat(app(logs, "logrotate").out()).contains("    su " + USER + " nogroup\n");
    }

    @Test
    void program_continues_in_the_truncated_log() throws Exception {
        Path logs = logs(directory, "a b");
        Path log = logs.resolve("x.log");
        String[] options =
                {"--name", "x", "--pid-file", "x.pid", "--log", log.toString(), "--", "/bin/sh", "-c",
                    "i=0; while :; do echo $i; i=$((i + 1)); sleep 0.01; done"};
        assertThat(command("start", options).status()).isZero();
        awaitLine(log);
        logrotate("-f", configuration(command("logrotate", options)));
        awaitLine(log);
        assertThat(command("stop", "--pid-file", "x.pid").status()).isZero();
        assertThat(numbers(rotated(log)).getFirst()).isZero();
        assertThat(numbers(log).getFirst()).isGreaterThan(numbers(rotated(log)).getLast());
        try (Stream<Path> files = Files.list(logs)) {
            assertThat(files).containsExactlyInAnyOrder(log, rotated(log));
        }
    }

    private CommandResult command(String subcommand, String... words) throws Exception {
        return runner.command(Stream.concat(Stream.of(subcommand), Stream.of(words)).toArray(String[]::new));
    }

    @Test
    void log_that_cannot_be_rotated_is_reported_in_one_line() throws Exception {
        assertThat(command("logrotate", "--log", "/dev/null", "--", "x")).isEqualTo(new CommandResult(1, "",
                "daemon-steps: log \"/dev/null\": not a file that can be rotated; name another log with --log\n"));
        assertThat(command("logrotate", "--log", "/a{b", "--", "x")).isEqualTo(new CommandResult(1, "",
                "daemon-steps: log \"/a{b\": logrotate does not accept braces; choose another path\n"));
    }
}
