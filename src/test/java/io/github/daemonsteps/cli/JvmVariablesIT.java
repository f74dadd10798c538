package io.github.daemonsteps.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daemonsteps.posix.Processes;
import io.github.daemonsteps.testing.Await;
import io.github.daemonsteps.testing.Checkout;
import io.github.daemonsteps.testing.ChildJvm;
import io.github.daemonsteps.testing.CommandRunner;
import io.github.daemonsteps.testing.FreePort;
import io.github.daemonsteps.testing.Tool;
import io.github.daemonsteps.testkit.CommandResult;
import io.github.daemonsteps.testkit.Daemons;
import io.github.daemonsteps.testkit.Launcher;
import io.github.daemonsteps.testkit.TestDirectory;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Variables with options for a JVM: the program gets them, and the JVM of the command does not. */
@Daemons
class JvmVariablesIT {

    private static final Pattern PID = Pattern.compile("pid (\\d+)");

    /** Sets unusual values and executes the command, whose process id is that of the script. */
    private static final String ODD_VALUES = """
            import os, sys
            env = os.environb
            env[b"JAVA_TOOL_OPTIONS"] = bytes(range(1, 256))
            env[b"JDK_JAVA_OPTIONS"] = b" -x 'a\\n$(false) `false`\\\\ %s\\n\\n"
            env[b"_JAVA_OPTIONS"] = b""
            env[b"JDK_AOT_VM_OPTIONS"] = b"-Done"
            env[b"JDK_ALTERNATE_VM"] = b"other"
            env[b"_JAVA_LAUNCHER_DEBUG"] = b"1"
            env[b"_JAVA_SR_SIGNUM"] = b"15"
            env.pop(b"CLASSPATH", None)
            env[b"DAEMON_STEPS_1_CLASSPATH"] = b"forged"
            env[b"DAEMON_STEPS_%d_CLASSPATH" % os.getpid()] = b"forged"
            os.execv(sys.argv[1], sys.argv[1:])
            """;

    private static final List<String> ODD_VARIABLES = List.of("DAEMON_STEPS_1_CLASSPATH=forged",
            "JAVA_TOOL_OPTIONS=" + allBytes(), "JDK_ALTERNATE_VM=other", "JDK_AOT_VM_OPTIONS=-Done",
            "JDK_JAVA_OPTIONS= -x 'a\n$(false) `false`\\ %s\n\n", "_JAVA_LAUNCHER_DEBUG=1", "_JAVA_OPTIONS=",
            "_JAVA_SR_SIGNUM=15");

    private Path directory;
    private CommandRunner runner;

    @BeforeEach
    void open(Launcher launcher, TestDirectory testDirectory) {
        directory = testDirectory.path();
        runner = new CommandRunner(launcher, directory);
    }

    private static String allBytes() {
        var text = new StringBuilder();
        for (char c = 1; c < 256; c++) {
            text.append(c);
        }
        return text.toString();
    }

    private CommandResult subcommand(String subcommand, String... more) throws Exception {
        List<String> words = new ArrayList<>(List.of(subcommand, "--name", "d", "--pid-file", "d.pid"));
        words.addAll(List.of(more));
        return runner.command(words.toArray(String[]::new));
    }

    private static int pid(CommandResult run) {
        Matcher matcher = PID.matcher(run.out());
        assertThat(matcher.find()).as("%s", run).isTrue();
        return Integer.parseInt(matcher.group(1));
    }

    /**
     * Returns the variables of a process that a JVM or this command reads, sorted, with one character for
     * each byte. Variables that name a JDK are left out.
     */
    private static List<String> jvmVariables(Path environ) throws IOException {
        return List.of(Files.readString(environ, StandardCharsets.ISO_8859_1).split("\0", -1)).stream()
                .filter(variable -> variable.matches("(?s)(_?JAVA_|JDK_|CLASSPATH|DAEMON_STEPS_\\d).*")
                        && !variable.matches("(?s)JAVA_(\\d+_)?HOME=.*"))
                .sorted().toList();
    }

    private static Path environ(int pid) {
        return Path.of("/proc", Integer.toString(pid), "environ");
    }

    /** The options of a row would end, block or delay the JVM of a command, or make it print or write something. */
    @ParameterizedTest
    @CsvSource({"JAVA_TOOL_OPTIONS,-XX:+UseG1GC",
        "JDK_JAVA_OPTIONS,-agentlib:jdwp=transport=dt_socket;server=y;address=PORT",
        "_JAVA_OPTIONS,-agentlib:jdwp=transport=dt_socket;server=y;suspend=y;address=127.0.0.1:0",
        "JAVA_TOOL_OPTIONS,-Xms64m -Xmx32m", "JDK_JAVA_OPTIONS,-javaagent:agent.jar",
        "_JAVA_OPTIONS,-Xlog:gc*:file=gc.log", "CLASSPATH,nope.jar", "_JAVA_LAUNCHER_DEBUG,1"})
    void subcommands_ignore_jvm_options_of_the_environment(String variable, String options) throws Exception {
        try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String value = options.replace(';', ',').replace("PORT", Integer.toString(taken.getLocalPort()));
            runner.with(variable, value);
            CommandResult start = subcommand("start", "--log", "d.log", "--", "sleep", "300");
            int pid = pid(start);
            assertThat(start).isEqualTo(new CommandResult(0, "d: started, pid " + pid + "\n", ""));
            assertThat(jvmVariables(environ(pid))).containsExactly(variable + "=" + value);
            CommandResult status = subcommand("status");
            assertThat(status.status()).isZero();
            assertThat(status.err()).isEmpty();
            assertThat(status.out()).startsWith("d: running, pid " + pid);
            assertThat(subcommand("reload").err()).startsWith("daemon-steps: d: ").hasLineCount(1);
            CommandResult restart = subcommand("restart", "--log", "d.log", "--", "sleep", "300");
            assertThat(restart.status()).isZero();
            assertThat(restart.err()).isEmpty();
            assertThat(restart.out()).startsWith("d: stopped, pid " + pid + "\nd: started, pid ")
                    .hasLineCount(2);
            CommandResult stop = subcommand("stop");
            assertThat(stop).isEqualTo(new CommandResult(0, "d: stopped, pid " + pid(stop) + "\n", ""));
            assertThat(runner.command("run", "--", "printenv", variable))
                    .isEqualTo(new CommandResult(0, value + "\n", ""));
            CommandResult nohup = runner.command("nohup", "--", "sleep", "300");
            Processes.kill(pid(nohup));
            assertThat(nohup).isEqualTo(new CommandResult(0, "started, pid " + pid(nohup) + "\n", ""));
            assertThat(directory.resolve("gc.log")).doesNotExist();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"start", "restart", "nohup"})
    void jvm_variables_of_daemon_keep_their_bytes(String subcommand) throws Exception {
        List<String> words =
                new ArrayList<>(
                        List.of(Tool.need("python3"), "-c", ODD_VALUES, CommandRunner.COMMAND, subcommand));
        if (!subcommand.equals("nohup")) {
            words.addAll(List.of("--name", "d", "--pid-file", "d.pid", "--log", "d.log"));
        }
        words.addAll(List.of("--", "sleep", "300"));
        CommandResult start = runner.run(words);
        assertThat(start.status()).as("%s", start).isZero();
        assertThat(start.err()).isEmpty();
        int pid = Integer.parseInt(start.lines().getLast().replaceAll(".*pid ", ""));
        assertThat(jvmVariables(environ(pid))).isEqualTo(ODD_VARIABLES);
        Processes.kill(pid);
        assertThat(Files.deleteIfExists(directory.resolve("d.pid"))).isEqualTo(!subcommand.equals("nohup"));
    }

    @Test
    void jvm_variables_of_run_keep_their_bytes() throws Exception {
        CommandResult run =
                runner.run(List.of(Tool.need("python3"), "-c", ODD_VALUES, CommandRunner.COMMAND, "run",
                        "--chdir",
                        directory.toString(), "--", "cp", "/proc/self/environ", "environ"));
        assertThat(run).isEqualTo(new CommandResult(0, "", ""));
        assertThat(jvmVariables(directory.resolve("environ"))).isEqualTo(ODD_VARIABLES);
    }

    @Test
    void java_program_with_debug_port_in_the_environment_is_managed()
            throws Exception {
        int port = FreePort.find();
        runner.with("JAVA_TOOL_OPTIONS",
                "-agentlib:jdwp=transport=dt_socket,server=y,suspend=n,address=127.0.0.1:" + port
                        + " -Xlog:gc*:file=gc.log");
        String[] words =
                {"--log", "d.log", "--chdir", directory.toString(), "--", ChildJvm.java().toString(), "-m",
                    "jdk.httpserver", "-b", "127.0.0.1", "-p", "0", "-d", "/usr/share"};
        for (String subcommand : List.of("start", "restart")) {
            CommandResult start = subcommand(subcommand, words);
            assertThat(start.status()).as("%s", start).isZero();
            assertThat(start.err()).isEmpty();
            awaitLog("URL http://\\S+");
            assertThat(debuggerAnswer(port)).isEqualTo("JDWP-Handshake");
            String gcLog = Files.readString(directory.resolve("gc.log"));
            for (int i = 0; i < 6; i++) {
                assertThat(subcommand("status").status()).isZero();
            }
            assertThat(Files.readString(directory.resolve("gc.log"))).startsWith(gcLog);
            Files.delete(directory.resolve("d.log"));
        }
        assertThat(subcommand("stop").status()).isZero();
        assertThat(runner.processes()).isEmpty();
    }

    @Test
    void java_program_that_waits_for_a_debugger_is_started_and_stopped() throws Exception {
        runner.with("JAVA_TOOL_OPTIONS",
                "-agentlib:jdwp=transport=dt_socket,server=y,suspend=y,address=127.0.0.1:0");
        CommandResult start =
                subcommand("start", "--log", "d.log", "--", ChildJvm.java().toString(), "-version");
        assertThat(start.status()).as("%s", start).isZero();
        awaitLog("Listening for transport");
        assertThat(subcommand("status").status()).isZero();
        assertThat(subcommand("stop", "--timeout", "10s").status()).isZero();
    }

    /** The script builds the jar and trains its cache by JVMs of its own. */
    @Test
    void build_and_cache_do_not_use_the_jvm_options_of_the_caller() throws Exception {
        Checkout checkout = Checkout.notBuilt(directory);
        checkout.maven("cat /proc/$$/environ >environ");
        runner.with("PATH", checkout.path()).with("JAVA_TOOL_OPTIONS",
                "-XX:+UseG1GC -XX:SharedArchiveFile=nope.jsa");
        CommandResult version = runner.run(List.of(checkout.script().toString(), "--version"));
        assertThat(version.status()).as("%s", version).isZero();
        assertThat(jvmVariables(directory.resolve("environ")))
                .filteredOn(variable -> !variable.matches("DAEMON_STEPS_\\d+_KEPT=.*")).singleElement()
                .asString()
                .matches("DAEMON_STEPS_\\d+_JAVA_TOOL_OPTIONS=-XX.*");
        try (var made = Files.newDirectoryStream(directory.resolve("target"), "command-*.aot")) {
            assertThat(made).hasSize(1);
        }
    }

    @Test
    void directory_with_jvm_option_files_adds_no_output() throws Exception {
        Files.writeString(directory.resolve(".hotspotrc"), "+UseG1GC\n");
        Files.writeString(directory.resolve(".hotspot_compiler"), "exclude java/lang/String.length\n");
        assertThat(subcommand("status")).isEqualTo(new CommandResult(3,
                "d: not running, pid file " + runner.file("d.pid") + "\n", ""));
    }

    private void awaitLog(String pattern) throws IOException {
        Await.until(() -> Pattern.compile(pattern).matcher(log()).find(), this::log); // the program reports it in its log only
    }

    private String log() throws IOException {
        Path log = directory.resolve("d.log");
        return Files.exists(log) ? Files.readString(log, StandardCharsets.ISO_8859_1) : "";
    }

    private static String debuggerAnswer(int port) throws IOException {
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout((int) ChildJvm.DEADLINE.toMillis());
            byte[] greeting = "JDWP-Handshake".getBytes(StandardCharsets.US_ASCII);
            socket.getOutputStream().write(greeting);
            return new String(socket.getInputStream().readNBytes(greeting.length), StandardCharsets.US_ASCII);
        }
    }

    /** env(1) can set and print variables that a shell cannot. */
    @Test
    void variables_that_a_shell_drops_or_changes_reach_the_program_unchanged() throws Exception {
        List<String> odd = List.of("spring.profiles.active=prod", "a-b=1\nIFS=2",
                "BASH_FUNC_f%%=() { echo hi; }",
                "PWD=/nonexistent", "IFS=x", "OPTIND=7", "PPID=99", "ds_here=q", "0=1", "plain=a\n=b");
        List<String> words = new ArrayList<>(List.of("env", "-i", "PATH=" + System.getenv("PATH"),
                "JAVA_HOME=" + System.getProperty("java.home"), "HOME=" + directory));
        List<String> expected = new ArrayList<>(words.subList(2, words.size()));
        words.addAll(List.of(CommandRunner.COMMAND, "run", "--", "env", "-0"));
        assertThat(runner.run(words).out().split("\0", -1)).as("without PWD there is none")
                .containsExactlyInAnyOrderElementsOf(concat(expected, List.of("")));
        words.addAll(words.indexOf(CommandRunner.COMMAND), odd);
        expected.addAll(odd);
        assertThat(runner.run(words).out().split("\0", -1))
                .containsExactlyInAnyOrderElementsOf(concat(expected, List.of("")));
    }

    private static List<String> concat(List<String> some, List<String> more) {
        List<String> all = new ArrayList<>(some);
        all.addAll(more);
        return all;
    }
}
