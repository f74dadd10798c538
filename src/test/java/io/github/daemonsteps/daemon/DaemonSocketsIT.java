package io.github.daemonsteps.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daemonsteps.process.Program;
import io.github.daemonsteps.testing.Await;
import io.github.daemonsteps.testing.ChildJvm;
import io.github.daemonsteps.testing.CommandRunner;
import io.github.daemonsteps.testing.FreePort;
import io.github.daemonsteps.testing.SocketProgram;
import io.github.daemonsteps.testkit.CommandResult;
import io.github.daemonsteps.testkit.Daemons;
import io.github.daemonsteps.testkit.Launcher;
import io.github.daemonsteps.testkit.TestDirectory;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The sockets of an application, as a daemon and in the foreground. */
@Daemons
class DaemonSocketsIT {

    private static final Pattern CHANNEL = Pattern.compile(
            "\\[InheritedSocket\\[name=(\\S+), descriptor=(\\d+), address=/127\\.0\\.0\\.1:(\\d+)\\]\\] channel");

    private Path directory;
    private CommandRunner runner;

    @BeforeEach
    void open(Launcher launcher, TestDirectory testDirectory) {
        directory = testDirectory.path();
        runner = new CommandRunner(launcher, directory);
    }

    private List<String> words(String listen, boolean stdin, String subcommand) {
        return ChildJvm.command(
                List.of("-Ddirectory=" + directory, "-Dlisten=" + listen, "-Dstdin=" + stdin),
                SocketApplication.class, subcommand);
    }

    private CommandResult app(String listen, boolean stdin, String subcommand) throws Exception {
        return runner.run(words(listen, stdin, subcommand));
    }

    private static Matcher channel(String text) {
        Matcher matcher = CHANNEL.matcher(text);
        assertThat(matcher.find()).as(text).isTrue();
        return matcher;
    }

    @Test
    void daemon_adopts_the_socket_on_descriptor_0() throws Exception {
        CommandResult start = app("http=127.0.0.1:0", true, "start");
        assertThat(start.status()).as("%s", start).isZero();
        Matcher channel = channel(start.out());
        assertThat(channel.group(1)).isEqualTo("http");
        assertThat(channel.group(2)).isEqualTo("3");
        String pid = Files.readString(directory.resolve("app.pid")).strip();
        assertThat(SocketProgram.answer(Integer.parseInt(channel.group(3)))).isEqualTo(pid);
        assertThat(app("", false, "stop").status()).isZero();
    }

    @Test
    void daemon_knows_sockets_that_java_cannot_adopt() throws Exception {
        CommandResult start =
                app("[::1]:0 admin=" + directory.resolve("app.sock") + " @w14-" + directory.getFileName(),
                        false, "start");
        assertThat(start.status()).as("%s", start).isZero();
        assertThat(start.out()).containsPattern(
                "\\[InheritedSocket\\[name=unknown, descriptor=3, address=/\\[0:0:0:0:0:0:0:1\\]:\\d+\\], "
                        + "InheritedSocket\\[name=admin, descriptor=4, address="
                        + directory.resolve("app.sock") + "\\], "
                        + "InheritedSocket\\[name=unknown, descriptor=5, address=@w14-"
                        + directory.getFileName()
                        + "\\]\\]\n");
        assertThat(app("", false, "stop").status()).isZero();
    }

    @Test
    void application_in_the_foreground_binds_its_sockets_itself() throws Exception {
        Process run = runner.builder(words("http=127.0.0.1:0", true, "run")).redirectErrorStream(true)
                .redirectOutput(directory.resolve("terminal").toFile()).start();
        Await.until(() -> terminal().contains("channel"), this::terminal);
        Matcher channel = channel(terminal());
        assertThat(Integer.parseInt(channel.group(2))).as("not one of the JVM's files").isGreaterThan(3);
        assertThat(SocketProgram.answer(Integer.parseInt(channel.group(3)))).isEqualTo("" + run.pid());
        assertThat(app("", false, "stop").status()).isZero();
        assertThat(run.waitFor(ChildJvm.DEADLINE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    }

    private String terminal() throws Exception {
        return Files.readString(directory.resolve("terminal"));
    }

    @Test
    void application_in_the_foreground_takes_the_passed_socket() throws Exception {
        Process run = runner
                .builder(SocketProgram.activated("http", 0, words("http=127.0.0.1:1", true, "run")))
                .redirectErrorStream(true).redirectOutput(directory.resolve("terminal").toFile()).start();
        Await.until(() -> terminal().contains("channel"), this::terminal);
        Matcher channel = channel(terminal());
        assertThat(channel.group(2)).isEqualTo("3");
        assertThat(SocketProgram.answer(Integer.parseInt(channel.group(3)))).isEqualTo("" + run.pid());
        assertThat(app("", false, "stop").status()).isZero();
        assertThat(run.waitFor(ChildJvm.DEADLINE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void application_in_the_foreground_knows_the_socket_on_descriptor_0() throws Exception {
        Process run = onStdin("0", "", false);
        Matcher channel = channel(terminal());
        assertThat(channel.group(1)).isEqualTo("unknown");
        assertThat(channel.group(2)).isEqualTo("0");
        assertThat(SocketProgram.answer(Integer.parseInt(channel.group(3)))).isEqualTo("" + run.pid());
        stop(run);
    }

    @Test
    void application_in_the_foreground_takes_its_socket_from_descriptor_0() throws Exception {
        int port = FreePort.find();
        Process run = onStdin("" + port, "http=127.0.0.1:" + port, true);
        assertThat(terminal()).contains("[InheritedSocket[name=http, descriptor=0, address=/127.0.0.1:" + port
                + "]] channel");
        assertThat(SocketProgram.answer(port)).isEqualTo("" + run.pid());
        stop(run);
    }

    @ParameterizedTest
    @ValueSource(strings = {"DIRECTORY/given a.sock", "@w14-DIRECTORY"})
    void application_in_the_foreground_knows_the_unix_socket_on_descriptor_0(String address)
            throws Exception {
        String given = address.replace("@w14-DIRECTORY", "@w14-stdin-" + directory.getFileName())
                .replace("DIRECTORY", directory.toString());
        Process run = onStdin(given, "", false);
        assertThat(terminal()).contains("[InheritedSocket[name=unknown, descriptor=0, address=" + given
                + "]] channel");
        stop(run);
    }

    /** Runs the application in the foreground with a socket as descriptor 0, until it is ready. */
    private Process onStdin(String address, String listen, boolean stdin) throws Exception {
        Process run = runner.builder(SocketProgram.onStdin(address, words(listen, stdin, "run")))
                .redirectErrorStream(true).redirectOutput(directory.resolve("terminal").toFile()).start();
        Await.until(() -> terminal().contains("channel"), this::terminal);
        return run;
    }

    private void stop(Process run) throws Exception {
        assertThat(app("", false, "stop").status()).isZero();
        assertThat(run.waitFor(ChildJvm.DEADLINE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void application_in_the_foreground_fails_if_its_address_is_in_use() throws Exception {
        try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            CommandResult run = app("127.0.0.1:" + taken.getLocalPort(), false, "run");
            assertThat(run.status()).isEqualTo(1);
            assertThat(run.err()).contains("app: not started: bind(", "Address already in use: process "
                    + ProcessHandle.current().pid() + " (java)");
        }
        // A run that ends leaves its pid file to the next start.
        Files.delete(directory.resolve("app.pid"));
        Files.deleteIfExists(directory.resolve("app.pid.record"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"start", "restart", "run", "train", "plan", "unit"})
    void sockets_that_cannot_be_bound_together_fail_each_subcommand_with_one_line(String subcommand)
            throws Exception {
        CommandResult result = app("127.0.0.1:8070 0.0.0.0:8070", false, subcommand);
        assertThat(result.status()).isPositive();
        assertThat(result.err().lines().toList().getLast()).startsWith("app: ")
                .endsWith(
                        "socket 0.0.0.0:8070: needs the address of socket 127.0.0.1:8070; leave one of them out");
        assertThat(result.err()).doesNotContain("\tat ");
        Files.deleteIfExists(directory.resolve("app.pid"));
        Files.deleteIfExists(directory.resolve("app.pid.record"));
    }

    @Test
    void sockets_that_cannot_be_bound_together_are_a_result_and_not_an_exception() {
        Daemon daemon = Daemon.named("d").pidFile(directory.resolve("d.pid")).log(directory.resolve("d.log"))
                .listen("127.0.0.1:8070").listen("0.0.0.0:8070");
        Program program = Program.of("/bin/sleep", "300");
        assertThat(daemon.start(program, Readiness.aliveAfter())).isInstanceOfSatisfying(
                StartResult.Failed.class,
                failed -> assertThat(failed.reason()).contains("leave one of them out"));
        assertThat(daemon.restart(program, Readiness.aliveAfter())).isInstanceOf(RestartResult.Refused.class);
        assertThat(daemon.preflight(program, Readiness.aliveAfter())).isPresent();
    }

    @Test
    void application_in_the_foreground_without_descriptor_0_fails_and_does_not_crash() throws Exception {
        List<String> command = new ArrayList<>(List.of("/bin/sh", "-c", "exec \"$@\" <&-", "sh"));
        command.addAll(words("@" + directory, true, "run"));
        command.add("--no-pid-file");
        CommandResult run = runner.run(command);
        assertThat(run.status()).isEqualTo(1);
        assertThat(run.err()).startsWith(
                "app: not started: descriptor 0 cannot become a socket: the JVM was started without");
    }

    @Test
    void application_without_sockets_has_none() throws Exception {
        assertThat(app("", false, "start").out()).endsWith(": []\n");
        assertThat(app("", false, "stop").status()).isZero();
    }
}
