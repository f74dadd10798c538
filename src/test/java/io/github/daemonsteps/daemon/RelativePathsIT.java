package io.github.daemonsteps.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daemonsteps.testing.CommandRunner;
import io.github.daemonsteps.testkit.CommandResult;
import io.github.daemonsteps.testkit.Daemons;
import io.github.daemonsteps.testkit.Launcher;
import io.github.daemonsteps.testkit.TestDirectory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Arguments that name a file of the launcher's directory, which the daemon does not find from its own. */
@Daemons
class RelativePathsIT {

    private Path directory;
    private CommandRunner runner;

    @BeforeEach
    void open(Launcher launcher, TestDirectory testDirectory) throws Exception {
        directory = testDirectory.path();
        runner = new CommandRunner(launcher, directory);
        Files.writeString(Files.createDirectory(directory.resolve("conf")).resolve("log.xml"), "");
    }

    private CommandResult startAndStop(List<String> options, String argument) throws Exception {
        List<String> words = new ArrayList<>(List.of("start", "--name", "d", "--pid-file",
                runner.file("d.pid"), "--log", runner.file("d.log")));
        words.addAll(options);
        words.addAll(List.of("--", "/bin/sh", "-c", "exec sleep 300", argument));
        CommandResult start = runner.command(words.toArray(String[]::new));
        assertThat(start.status()).as("%s", start).isZero();
        assertThat(runner.command("stop", "--pid-file", runner.file("d.pid")).status()).isZero();
        return start;
    }

    @ParameterizedTest
    @ValueSource(strings = {"conf", "conf/log.xml", "-Dlogging.config=conf/log.xml", "--dir=conf",
        "-Dlocation=optional:file:./conf/,classpath:x", "-XX:OnOutOfMemoryError=./conf/log.xml %p",
        "--files=/etc/passwd,conf/log.xml", "@conf/log.xml", "-cconf/log.xml"})
    void argument_with_a_path_in_the_launchers_directory_warns(String argument) throws Exception {
        CommandResult start = startAndStop(List.of(), argument);
        assertThat(start.err().lines()).singleElement().asString()
                .contains("warning: the argument \"" + argument + "\" names ", "conf",
                        "which is in \"" + directory + "\" and not in \"/\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"conf/no.xml", "/etc/passwd", "etc/passwd", "--option=5", "-", ".", "", "absent"})
    void argument_that_names_no_such_file_does_not_warn(String argument) throws Exception {
        assertThat(startAndStop(List.of(), argument).err()).isEmpty();
    }

    @Test
    void variable_with_a_path_in_the_launchers_directory_warns() throws Exception {
        assertThat(startAndStop(List.of("--env", "SETTINGS=conf/log.xml"), "absent").err().lines())
                .singleElement().asString()
                .contains("the variable \"SETTINGS=conf/log.xml\" names \"conf/log.xml\"");
        runner.with("JAVA_TOOL_OPTIONS", "-ea -Dlogging.config=conf/log.xml");
        assertThat(startAndStop(List.of(), "absent").err().lines()).singleElement().asString()
                .contains("the variable \"JAVA_TOOL_OPTIONS=");
        assertThat(startAndStop(List.of("--env", "JAVA_TOOL_OPTIONS=-ea"), "absent").err()).isEmpty();
    }

    @Test
    void run_warns_before_the_program_runs() throws Exception {
        CommandResult run =
                runner.command("run", "--env", "SETTINGS=conf", "--", "/bin/cat", "conf/log.xml");
        assertThat(run.status()).isEqualTo(1);
        assertThat(run.err().lines()).hasSize(3).first().asString()
                .startsWith("daemon-steps: warning: the argument \"conf/log.xml\" names ");
    }

    @Test
    void file_that_the_daemon_creates_does_not_warn() throws Exception {
        String program = "touch " + runner.file("absent") + " && echo >&3; exec sleep 300";
        CommandResult start =
                runner.command("start", "--name", "d", "--pid-file", runner.file("d.pid"), "--log",
                        runner.file("d.log"), "--ready", "fd:3", "--", "/bin/sh", "-c", program, "absent");
        assertThat(start.err()).isEmpty();
        assertThat(runner.command("stop", "--pid-file", runner.file("d.pid")).status()).isZero();
    }

    @Test
    void failed_start_names_the_argument_that_its_program_did_not_find() throws Exception {
        CommandResult start =
                runner.command("start", "--name", "d", "--pid-file", runner.file("d.pid"), "--log",
                        runner.file("d.log"), "--", "cat", "conf/log.xml");
        assertThat(start.status()).isEqualTo(1);
        assertThat(start.err().lines().findFirst()).hasValueSatisfying(line -> assertThat(line)
                .startsWith(
                        "daemon-steps: d: not started: exited with status 1; the argument \"conf/log.xml\"")
                .contains("and not in \"/\""));
    }

    @Test
    void daemon_that_keeps_the_directory_finds_the_file() throws Exception {
        assertThat(startAndStop(List.of("--chdir", "."), "conf/log.xml").err()).isEmpty();
    }
}
