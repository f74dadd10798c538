package io.github.daemonsteps.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daemonsteps.testing.ChildJvm;
import io.github.daemonsteps.testing.CommandRunner;
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
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The messages of the command when something does not work: the object, its value and the cause. */
@Daemons
class HelpfulMessagesIT {

    private Path directory;
    private CommandRunner runner;

    @BeforeEach
    void open(Launcher launcher, TestDirectory testDirectory) {
        directory = testDirectory.path();
        runner = new CommandRunner(launcher, directory);
    }

    private CommandResult command(String subcommand, String... more) throws Exception {
        List<String> words = new ArrayList<>(List.of(subcommand));
        if (!subcommand.equals("run") && !subcommand.equals("nohup")) {
            words.addAll(List.of("--name", "d", "--pid-file", runner.file("d.pid"), "--log",
                    runner.file("d.log")));
        }
        words.addAll(List.of(more));
        return runner.command(words.toArray(String[]::new));
    }

    private String script(String content) throws IOException {
        Path file = directory.resolve("script");
        Files.writeString(file, content);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
        return file.toString();
    }

    @ParameterizedTest
    @ValueSource(strings = {"start", "restart", "run", "nohup"})
    void script_that_cannot_be_executed_names_the_cause(String subcommand) throws Exception {
        CommandResult carriageReturn = command(subcommand, "--", script("#!/bin/sh\r\nexec sleep 300\r\n"));
        assertThat(carriageReturn.status()).isEqualTo(1);
        assertThat(carriageReturn.err()).contains("ends with a carriage return").hasLineCount(1);
        CommandResult missing = command(subcommand, "--", script("#!/no/such/shell\n"));
        assertThat(missing.status()).isEqualTo(1);
        assertThat(missing.err()).contains("\"/no/such/shell\", is not there").hasLineCount(1);
        CommandResult none = command(subcommand, "--", script("exec sleep 300\n"));
        assertThat(none.status()).isEqualTo(1);
        assertThat(none.err()).contains("does not begin with \"#!\"").hasLineCount(1);
        assertThat(directory.resolve("d.pid")).doesNotExist();
    }

    @ParameterizedTest
    @ValueSource(strings = {"start", "restart", "run", "nohup"})
    void program_that_is_not_a_file_names_what_it_is(String subcommand) throws Exception {
        Path link = Files.createSymbolicLink(directory.resolve("link"), Path.of("/no/such/program"));
        CommandResult dangling = command(subcommand, "--", link.toString());
        assertThat(dangling.status()).isEqualTo(5);
        assertThat(dangling.err()).hasLineCount(1)
                .contains(link + "\" is a symbolic link that leads to no file: correct the link");
        CommandResult ofDirectory = command(subcommand, "--", directory.toString());
        assertThat(ofDirectory.status()).isEqualTo(4);
        assertThat(ofDirectory.err()).hasLineCount(1)
                .contains(directory + "\" is a directory: give the program in it");
        CommandResult interpreter = command(subcommand, "--", script("#!/tmp\n"));
        assertThat(interpreter.status()).isEqualTo(4);
        assertThat(interpreter.err()).hasLineCount(1)
                .contains("its interpreter \"/tmp\" is a directory");
    }

    @ParameterizedTest
    @ValueSource(strings = {"start", "restart", "run", "nohup"})
    void script_with_carriage_return_in_argument_of_interpreter_has_warning(String subcommand)
            throws Exception {
        assertThat(command(subcommand, "--", script("#!/usr/bin/env sh\r\n")).err().lines()).first()
                .asString()
                .startsWith("daemon-steps: warning: the first line of the script ")
                .contains("ends with a carriage return", "\"sh\\x0d\"");
    }

    @Test
    void command_with_variables_gets_advice() throws Exception {
        CommandResult one = command("start", "--", "FOO=1 B=2 sleep  900");
        assertThat(one.status()).isEqualTo(5);
        assertThat(one.err()).hasLineCount(1)
                .endsWith(": this is one word; give the program and its arguments"
                        + " as separate words, and variables by --env, --env FOO=1 --env B=2 -- sleep 900\n");
        CommandResult many = command("start", "--", "FOO=1", "sleep", "900");
        assertThat(many.status()).isEqualTo(5);
        assertThat(many.err()).hasLineCount(1)
                .endsWith(": this is a variable; give variables by --env, --env FOO=1 -- sleep 900\n");
    }

    @Test
    void command_in_one_argument_gets_advice() throws Exception {
        CommandResult run = command("start", "--", "sleep 900");
        assertThat(run.status()).isEqualTo(5);
        assertThat(run.err())
                .contains("give the program and its arguments as separate words, -- sleep 900");
    }

    @Test
    void program_that_ends_within_the_time_it_must_live_fails_the_start() throws Exception {
        CommandResult run = command("start", "--ready", "exec:1m", "--", "/bin/sleep", "0.5");
        assertThat(run.status()).isEqualTo(1);
        assertThat(run.err()).contains("exited with status 0");
        assertThat(command("start", "--ready", "exec:", "--", "/bin/sleep", "1").err())
                .isEqualTo(
                        "daemon-steps: --ready: invalid duration ''; give a number above 0 and a unit, such as"
                                + " 500ms, 2s or 1m, up to 365 days (see " + CommandRunner.COMMAND
                                + " --help)\n");
    }

    @Test
    void stopped_daemon_is_reported_with_its_pid_file() throws Exception {
        String text = "d: not running, pid file " + runner.file("d.pid") + "\n";
        String[] file = {"--name", "d", "--pid-file", runner.file("d.pid")};
        assertThat(subcommand("status", file)).isEqualTo(new CommandResult(3, text, ""));
        assertThat(subcommand("stop", file)).isEqualTo(new CommandResult(0, text, ""));
        assertThat(subcommand("reload", file)).isEqualTo(new CommandResult(7, "", "daemon-steps: " + text));
    }

    private CommandResult subcommand(String subcommand, String... options) throws Exception {
        List<String> words = new ArrayList<>(List.of(subcommand));
        words.addAll(List.of(options));
        return runner.command(words.toArray(String[]::new));
    }

    @Test
    void core_dump_filter_is_inherited_from_the_caller() throws Exception {
        List<String> start = List.of(CommandRunner.COMMAND, "start", "--name", "d", "--pid-file",
                runner.file("d.pid"), "--log", runner.file("d.log"), "--", "/bin/sleep", "300");
        assertThat(runner.shell("echo 0x21 >/proc/self/coredump_filter; exec \"$@\"", start).status())
                .isZero();
        try {
            String pid = Files.readString(directory.resolve("d.pid")).strip();
            assertThat(Path.of("/proc", pid, "coredump_filter")).hasContent("00000021\n");
        } finally {
            assertThat(subcommand("stop", "--pid-file", runner.file("d.pid")).status()).isZero();
        }
    }

    @Test
    void removed_log_is_reported() throws Exception {
        assertThat(command("start", "--", "/bin/sleep", "300").status()).isZero();
        String[] file = {"--name", "d", "--pid-file", runner.file("d.pid")};
        try {
            assertThat(
                    subcommand("status", "--json", "--name", "d", "--pid-file", runner.file("d.pid")).out())
                    .contains("\"log\": \"" + runner.file("d.log") + "\", \"logRemoved\": false");
            Files.delete(directory.resolve("d.log"));
            assertThat(subcommand("status", file).out())
                    .endsWith(", log " + runner.file("d.log") + ", which was removed or replaced\n");
            assertThat(
                    subcommand("status", "--json", "--name", "d", "--pid-file", runner.file("d.pid")).out())
                    .contains("\"log\": \"" + runner.file("d.log") + "\", \"logRemoved\": true");
        } finally {
            assertThat(subcommand("stop", file).status()).isZero();
        }
    }

    @Test
    void run_passes_on_the_descriptors_and_variables_of_a_supervisor() throws Exception {
        List<String> run = List.of(CommandRunner.COMMAND, "run", "--", "/bin/sh", "-c",
                "echo $LISTEN_FDS $NOTIFY_SOCKET $WATCHDOG_USEC; test $LISTEN_PID = $$; echo $?; cat <&3");
        Files.writeString(directory.resolve("socket"), "passed\n");
        assertThat(runner.shell(
                "exec 3<socket; export LISTEN_PID=$$ LISTEN_FDS=1 NOTIFY_SOCKET=/n WATCHDOG_USEC=9; exec \"$@\"",
                run).out()).isEqualTo("1 /n 9\n0\npassed\n");
        assertThat(runner.shell("export LISTEN_PID=1 LISTEN_FDS=1; exec \"$@\"",
                List.of(CommandRunner.COMMAND,
                        "run", "--", "/bin/sh", "-c", "echo ${LISTEN_FDS-none} ${LISTEN_PID-none}"))
                .out())
                .isEqualTo("none none\n");
    }

    @Test
    void run_warns_if_a_descriptor_of_a_supervisor_is_not_open() throws Exception {
        assertThat(runner.shell("exec 3</dev/null 4<&-; export LISTEN_PID=$$ LISTEN_FDS=2; exec \"$@\"",
                List.of(CommandRunner.COMMAND, "run", "--", "/bin/sh", "-c", "echo ${LISTEN_FDS-none}")))
                .isEqualTo(new CommandResult(0, "none\n",
                        "daemon-steps: warning: LISTEN_FDS \"2\": descriptor 4 is not open;"
                                + " the program gets none of the descriptors\n"));
    }

    @Test
    void run_keeps_no_descriptor_that_only_the_jvm_has() throws Exception {
        // The command's JVM opens its own files on the lowest free numbers.
        CommandResult run = runner.shell("exec 3</dev/null 4<&-; exec \"$@\"",
                List.of(CommandRunner.COMMAND, "run", "--keep-fd", "4", "--", "/bin/true"));
        assertThat(run.status()).isEqualTo(1);
        assertThat(run.err()).endsWith("descriptor 4 belongs to this JVM and was not inherited\n");
    }

    @Test
    void nohup_names_its_program_as_the_receiver_of_the_descriptors_of_a_supervisor() throws Exception {
        Path fifo = directory.resolve("fifo");
        String program = "echo $LISTEN_FDS ${WATCHDOG_USEC-none} $(test $LISTEN_PID = $$; echo $?) >" + fifo;
        CommandResult nohup = runner.shell("mkfifo " + fifo
                + "; exec 3</dev/null; export LISTEN_PID=$$ LISTEN_FDS=1 WATCHDOG_USEC=9; exec \"$@\"",
                List.of(CommandRunner.COMMAND, "nohup", "--quiet", "--", "/bin/sh", "-c", program));
        assertThat(nohup).isEqualTo(new CommandResult(0, "", ""));
        assertThat(Files.readString(fifo)).isEqualTo("1 none 0\n");
    }

    @Test
    void crashed_jvm_of_program_is_reported_with_the_signal() throws Exception {
        Path source = Files.writeString(directory.resolve("Crash.java"), """
                void main() throws Exception {
                    var field = Class.forName("sun.misc.Unsafe").getDeclaredField("theUnsafe");
                    field.setAccessible(true);
                    Object unsafe = field.get(null);
                    unsafe.getClass().getMethod("putAddress", long.class, long.class).invoke(unsafe, 0L, 0L);
                }
                """);
        CommandResult run = command("start", "--ready", "exec:1m", "--", ChildJvm.java().toString(),
                "-XX:-CreateCoredumpOnCrash", "-XX:ErrorFile=" + directory.resolve("report"),
                source.toString());
        assertThat(run.status()).isEqualTo(1);
        assertThat(run.err()).contains("# A fatal error has been detected",
                "#  SIGSEGV (0xb) at pc=", "# Problematic frame:",
                directory.resolve("report").toString());
    }

    @Test
    void descriptor_above_the_limit_is_refused_in_one_line() throws Exception {
        List<String> start =
                new ArrayList<>(List.of(CommandRunner.COMMAND, "start", "--name", "d", "--pid-file",
                        runner.file("d.pid"), "--log", runner.file("d.log"), "--ready", "fd:400", "--",
                        "/bin/sleep", "300"));
        CommandResult run = runner.shell("ulimit -n 400; exec \"$@\"", start);
        assertThat(run).isEqualTo(
                new CommandResult(1, "", "daemon-steps: d: not started: descriptor 400 cannot be the"
                        + " readiness descriptor: it must be below 400, the limit of open files (RLIMIT_NOFILE)\n"));
        start.set(start.indexOf("start"), "restart");
        assertThat(runner.shell("ulimit -n 400; exec \"$@\"", start)).isEqualTo(run);
        assertThat(directory.resolve("d.pid")).doesNotExist();
        assertThat(directory.resolve("d.log")).doesNotExist();
    }
}
