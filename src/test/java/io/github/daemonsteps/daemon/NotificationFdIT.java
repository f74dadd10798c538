package io.github.daemonsteps.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daemonsteps.testing.Await;
import io.github.daemonsteps.testing.ChildJvm;
import io.github.daemonsteps.testing.CommandRunner;
import io.github.daemonsteps.testkit.CommandResult;
import io.github.daemonsteps.testkit.Daemons;
import io.github.daemonsteps.testkit.Launcher;
import io.github.daemonsteps.testkit.TestDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code run --notification-fd} of an application. */
@Daemons
class NotificationFdIT {

    private Path directory;
    private CommandRunner runner;

    @BeforeEach
    void open(Launcher launcher, TestDirectory testDirectory) {
        directory = testDirectory.path();
        runner = new CommandRunner(launcher, directory);
    }

    private List<String> words(String... arguments) {
        return ChildJvm.command(List.of("-Ddirectory=" + directory), SupervisedApplication.class, arguments);
    }

    /** A reader of a pipe sees the end of file only if the application has closed its end. */
    @Test
    void ready_application_writes_a_newline_and_closes_the_descriptor() throws Exception {
        List<String> words = words("run", "--notification-fd", "7", "--no-pid-file", "x");
        List<String> shell = new ArrayList<>(List.of("/bin/sh", "-c",
                "mkfifo pipe; (od -An -c <pipe >read; echo >done) & exec 7>pipe >terminal 2>&1; exec \"$@\"",
                "sh"));
        shell.addAll(words);
        Process run = runner.builder(shell).start();
        Await.until(() -> Files.exists(directory.resolve("done")));
        assertThat(Files.readString(directory.resolve("read")).strip()).isEqualTo("\\n");
        assertThat(run.isAlive()).isTrue();
        assertThat(Files.exists(Path.of("/proc/" + run.pid() + "/fd/7"), LinkOption.NOFOLLOW_LINKS))
                .isFalse();
        run.destroy();
        assertThat(run.waitFor(ChildJvm.DEADLINE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(run.exitValue()).isZero();
    }

    @Test
    void application_that_fails_before_it_is_ready_writes_nothing() throws Exception {
        CommandResult run = runner.shell("exec 7>newline; exec \"$@\"",
                words("run", "--no-pid-file", "--notification-fd", "7", "fails"));
        assertThat(run.status()).isEqualTo(1);
        assertThat(directory.resolve("newline")).isEmptyFile();
    }

    @Test
    void closed_read_end_is_logged() throws Exception {
        List<String> shell = new ArrayList<>(List.of("/bin/sh", "-c",
                "mkfifo pipe; : <pipe & exec 7>pipe; wait; exec >terminal 2>&1; exec \"$@\"", "sh"));
        shell.addAll(words("run", "--no-pid-file", "--notification-fd", "7"));
        Process run = runner.builder(shell).start();
        Await.until(() -> terminal().contains("--notification-fd: newline not written: "),
                this::terminal);
        assertThat(terminal()).contains("(EPIPE, 32)");
        run.destroy();
        assertThat(run.waitFor(ChildJvm.DEADLINE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(run.exitValue()).isZero();
    }

    private String terminal() throws IOException {
        Path terminal = directory.resolve("terminal");
        return Files.exists(terminal) ? Files.readString(terminal) : "";
    }

    @ParameterizedTest
    @CsvSource({
        "'', ': the descriptor is missing; give the one that the supervisor has opened'",
        "x, ' \"x\": not a descriptor; give a number above 2'",
        "-1, ' \"-1\": not above 2; give the one that the supervisor has opened'",
        "2, ' \"2\": not above 2; give the one that the supervisor has opened'",
        "3, ' \"3\": not inherited; give the one that the supervisor has opened'",
        "999, ' \"999\": not open; give the one that the supervisor has opened'",
    })
    void descriptor_that_cannot_be_used_is_a_usage_error(String fd, String problem) throws Exception {
        List<String> words = fd.isEmpty()
                ? words("run", "--notification-fd")
                : words("run", "--notification-fd", fd);
        assertThat(runner.shell("exec 3>&-; exec \"$@\"", words)).isEqualTo(
                new CommandResult(ExitStatus.USAGE, "", "app: --notification-fd" + problem + "\n"));
        assertThat(directory.resolve("app.pid")).doesNotExist();
    }
}
