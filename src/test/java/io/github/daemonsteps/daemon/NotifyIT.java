package io.github.daemonsteps.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daemonsteps.testing.Await;
import io.github.daemonsteps.testing.ChildJvm;
import io.github.daemonsteps.testing.CommandRunner;
import io.github.daemonsteps.testing.NotifyReceiver;
import io.github.daemonsteps.testing.NotifyReceiver.Message;
import io.github.daemonsteps.testing.OrdinaryUser;
import io.github.daemonsteps.testkit.CommandResult;
import io.github.daemonsteps.testkit.Daemons;
import io.github.daemonsteps.testkit.Launcher;
import io.github.daemonsteps.testkit.TestDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What an application tells its supervisor by {@code run}, as the receiver of the messages sees it. */
@Daemons
class NotifyIT {

    private static final String READY = "READY=1|STATUS=here I am";
    private static final String CUT = "STATUS=" + "x".repeat(1024) + " ...";

    private Path directory;
    private CommandRunner runner;

    @BeforeEach
    void open(Launcher launcher, TestDirectory testDirectory) {
        directory = testDirectory.path();
        runner = new CommandRunner(launcher, directory);
    }

    private Path file(String name) {
        return directory.resolve(name);
    }

    private String terminal() throws IOException {
        return Files.exists(file("terminal")) ? Files.readString(file("terminal")) : "";
    }

    private List<String> words(List<String> options, String... arguments) {
        List<String> all = new ArrayList<>(List.of("-Ddirectory=" + directory));
        all.addAll(options);
        return ChildJvm.command(all, SupervisedApplication.class, arguments);
    }

    private Process run(List<String> words) throws Exception {
        return runner.builder(words).redirectErrorStream(true).redirectOutput(file("terminal").toFile())
                .start();
    }

    private Process run(String... arguments) throws Exception {
        return run(words(List.of(), arguments));
    }

    private int end(Process process) throws Exception {
        process.destroy();
        return awaitEnd(process);
    }

    /** Only a stop command removes the pid file. */
    private int awaitEnd(Process process) throws Exception {
        assertThat(process.waitFor(ChildJvm.DEADLINE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        Files.deleteIfExists(file("app.pid"));
        Files.deleteIfExists(file("app.pid.record"));
        return process.exitValue();
    }

    private void awaitReady() throws Exception {
        Await.until(() -> terminal().contains("app: ready: "), this::terminal);
    }

    /** Replaces the file at once: a reader never sees an empty one. */
    private void health(String text) throws IOException {
        Files.move(Files.writeString(file("health.new"), text), file("health"),
                StandardCopyOption.ATOMIC_MOVE);
    }

    private NotifyReceiver bind() throws Exception {
        String socket = runner.file("notify");
        runner.with("NOTIFY_SOCKET", socket);
        return NotifyReceiver.bind(socket);
    }

    private void assertLifeIsTold(NotifyReceiver receiver, Process run) throws Exception {
        assertThat(receiver.until(text -> text.equals(CUT))).containsExactly("STATUS=loading the data",
                "EXTEND_TIMEOUT_USEC=60000000", READY, CUT);
        assertThat(runner.run(words(List.of(), "reload")).status()).isZero();
        List<String> reload = receiver.until(text -> text.contains("READY=1"));
        assertThat(reload).hasSize(3);
        assertThat(reload.getFirst()).matches("RELOADING=1\\|MONOTONIC_USEC=[0-9]+");
        assertThat(reload.subList(1, 3)).containsExactly("STATUS=reload action", "READY=1");
        assertThat(end(run)).as(terminal()).isZero();
        assertThat(receiver.until(text -> text.equals("STATUS=stop action"))).containsExactly("STOPPING=1",
                "STATUS=stop action");
        assertThat(receiver.seen()).extracting(Message::pid).containsOnly((int) run.pid());
        assertThat(terminal()).doesNotContain("NOTIFY_SOCKET");
    }

    @Test
    void supervisor_is_told_of_start_reload_and_stop() throws Exception {
        try (var receiver = bind()) {
            assertLifeIsTold(receiver, run("run"));
        }
    }

    @Test
    void abstract_socket_gets_the_same_messages() throws Exception {
        String socket = "@daemon-steps-" + UUID.randomUUID();
        runner.with("NOTIFY_SOCKET", socket);
        try (var receiver = NotifyReceiver.bind(socket)) {
            assertLifeIsTold(receiver, run("run"));
        }
    }

    @Test
    void application_of_ordinary_user_tells_the_same() throws Exception {
        var ordinary = new OrdinaryUser(directory);
        try (var receiver = bind()) {
            Process run = run(ordinary.command(List.of("-Ddirectory=" + directory),
                    SupervisedApplication.class, "run", "--no-pid-file"));
            assertThat(receiver.until(text -> text.equals(CUT))).contains(READY);
            end(run);
            receiver.until(text -> text.equals("STATUS=stop action"));
            assertThat(receiver.seen()).extracting(Message::uid).containsOnly((int) ordinary.uid());
        }
    }

    @Test
    void failure_before_ready_is_told_and_ready_is_not() throws Exception {
        try (var receiver = bind()) {
            Process run = run("run", "fails");
            assertThat(receiver.until(text -> text.equals("STOPPING=1"))).containsExactly(
                    "STATUS=loading the data", "EXTEND_TIMEOUT_USEC=60000000", "STATUS=no port is left",
                    "STOPPING=1");
            assertThat(awaitEnd(run)).isEqualTo(1);
        }
    }

    @Test
    void stop_that_may_take_longer_than_by_default_extends_the_time_of_the_supervisor() throws Exception {
        try (var receiver = bind()) {
            Process run = run(words(List.of("-Dstops.slowly=true"), "run"));
            receiver.until(text -> text.equals(CUT));
            end(run);
            assertThat(receiver.until(text -> text.equals("STATUS=stop action"))).containsExactly(
                    "STOPPING=1", "EXTEND_TIMEOUT_USEC=300000000", "STATUS=stop action");
        }
    }

    @Test
    void training_tells_the_supervisor_nothing() throws Exception {
        try (var receiver = bind()) {
            CommandResult train = runner.run(words(List.of(), "train"));
            assertThat(train.status()).as("%s", train).isZero();
            Process run = run("run");
            receiver.until(text -> text.equals(CUT));
            end(run);
            assertThat(receiver.seen()).extracting(Message::pid).containsOnly((int) run.pid());
        }
    }

    @Test
    void watchdog_is_told_only_while_the_check_succeeds() throws Exception {
        runner.with("WATCHDOG_USEC", "100000");
        try (var receiver = bind()) {
            Process run = run("run");
            assertThat(receiver.until(text -> text.equals(READY))).doesNotContain("WATCHDOG=1");
            for (int i = 0; i < 3; i++) {
                receiver.until(text -> text.equals("WATCHDOG=1"));
            }
            health("sick");
            receiver.until(text -> text.equals("STATUS=check 1"));
            assertThat(receiver.until(text -> text.equals("STATUS=check 4"))).doesNotContain("WATCHDOG=1");
            Files.delete(file("health"));
            receiver.until(text -> text.equals("WATCHDOG=1"));
            health("throws");
            String first = receiver.until(text -> text.startsWith("STATUS=check ")).getLast();
            assertThat(List.of(receiver.next().text(), receiver.next().text(), receiver.next().text()))
                    .as("after " + first).allMatch(text -> text.startsWith("STATUS=check "));
            Files.delete(file("health"));
            receiver.until(text -> text.equals("WATCHDOG=1"));
            end(run);
            assertThat(terminal().lines().filter(line -> line.contains("cannot check"))).containsExactly(
                    "app: the health check of the watchdog has failed: cannot check");
        }
    }

    @Test
    void check_that_hangs_stops_the_messages_and_nothing_else() throws Exception {
        runner.with("WATCHDOG_USEC", "100000");
        try (var receiver = bind()) {
            health("hangs");
            Process run = run("run");
            receiver.until(text -> text.equals("STATUS=check 1"));
            assertThat(runner.run(words(List.of(), "reload")).status()).isZero();
            assertThat(end(run)).isZero();
            assertThat(receiver.until(text -> text.equals("STATUS=stop action")))
                    .contains("READY=1", "STOPPING=1").doesNotContain("WATCHDOG=1", "STATUS=check 2");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "0, , not a number of microseconds",
        "-1, , not a number of microseconds",
        "1s, , not a number of microseconds",
        "18446744073709551615, , not a number of microseconds",
        "100000, x, not a process id",
        "100000, 1, ",
        "9223372036854775807, , ",
    })
    void hostile_watchdog_variable_is_reported_and_sends_nothing(String usec, String pid, String problem)
            throws Exception {
        runner.with("WATCHDOG_USEC", usec);
        if (pid != null) {
            runner.with("WATCHDOG_PID", pid);
        }
        try (var receiver = bind()) {
            Process run = run("run");
            assertThat(receiver.until(text -> text.equals(CUT))).contains(READY);
            assertThat(end(run)).isZero();
            assertThat(receiver.until(text -> text.equals("STOPPING=1"))).doesNotContain("WATCHDOG=1");
            List<String> lines = terminal().lines().filter(line -> line.contains("WATCHDOG_")).toList();
            if (problem == null) {
                assertThat(lines).isEmpty();
            } else {
                assertThat(lines).singleElement().asString().startsWith("app: WATCHDOG_").contains(problem);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "@", "/", "notify", "vsock:2:1234", "/nowhere/notify", "TOO LONG", "CLOSED"})
    void socket_that_takes_no_message_is_reported_once(String name) throws Exception {
        String socket = switch (name) {
            case "TOO LONG" -> "/" + "x".repeat(200);
            case "CLOSED" -> {
                String closed = runner.file("closed");
                NotifyReceiver.bind(closed).close();
                yield closed;
            }
            default -> name;
        };
        runner.with("NOTIFY_SOCKET", socket).with("WATCHDOG_USEC", "20000");
        Process run = run("run");
        awaitReady();
        assertThat(end(run)).isZero();
        assertThat(terminal().lines().filter(line -> line.contains("NOTIFY_SOCKET"))).singleElement()
                .asString().startsWith("app: NOTIFY_SOCKET \"" + socket + "\": ")
                .endsWith("; the supervisor does not get the message");
    }

    @Test
    void full_socket_does_not_stop_the_daemon_and_gets_messages_again_later() throws Exception {
        String socket = runner.file("notify");
        runner.with("NOTIFY_SOCKET", socket);
        try (var receiver = NotifyReceiver.bindFull(socket)) {
            Process run = run("run");
            awaitReady();
            Await.until(() -> terminal().contains("(EAGAIN, 11)"), this::terminal);
            receiver.read();
            receiver.next(); // there is space in the queue now
            assertThat(runner.run(words(List.of(), "reload")).status()).isZero();
            receiver.until(text -> text.startsWith("RELOADING=1"));
            assertThat(end(run)).isZero();
            receiver.until(text -> text.equals("STOPPING=1"));
            assertThat(terminal().lines().filter(line -> line.contains("NOTIFY_SOCKET"))).hasSize(1);
        }
    }

    @Test
    void socket_that_stays_full_does_not_prevent_a_stop() throws Exception {
        String socket = runner.file("notify");
        runner.with("NOTIFY_SOCKET", socket).with("WATCHDOG_USEC", "20000");
        try (var _ = NotifyReceiver.bindFull(socket)) {
            Process run = run("run");
            awaitReady();
            assertThat(runner.run(words(List.of(), "reload")).status()).isZero();
            assertThat(end(run)).isZero();
            assertThat(terminal().lines().filter(line -> line.contains("NOTIFY_SOCKET"))).hasSize(1);
        }
    }

    @Test
    void daemon_and_launcher_without_supervisor_load_no_class_for_one() throws Exception {
        List<String> options = List.of("-Xlog:class+load=info:file=" + runner.file("classes-%p"));
        assertThat(runner.run(words(options, "start")).status()).isZero();
        assertThat(runner.run(words(List.of(), "reload")).status()).isZero();
        assertThat(runner.run(words(List.of(), "stop")).status()).isZero();
        int logs = 0;
        try (var files = Files.newDirectoryStream(directory, "classes-*")) {
            for (Path log : files) {
                assertThat(Files.readString(log)).contains("io.github.daemonsteps.")
                        .doesNotContain("io.github.daemonsteps.daemon.supervisor.");
                logs++;
            }
        }
        assertThat(logs).as("launcher and daemon").isEqualTo(2);
    }
}
