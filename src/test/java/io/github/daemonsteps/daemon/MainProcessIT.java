package io.github.daemonsteps.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daemonsteps.testing.ChildJvm;
import io.github.daemonsteps.testing.CommandRunner;
import io.github.daemonsteps.testing.NotifyReceiver;
import io.github.daemonsteps.testing.NotifyReceiver.Message;
import io.github.daemonsteps.testkit.CommandResult;
import io.github.daemonsteps.testkit.Daemons;
import io.github.daemonsteps.testkit.Launcher;
import io.github.daemonsteps.testkit.TestDirectory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the supervisor of a launcher is told: that the daemon is the main process of the service. */
@Daemons
class MainProcessIT {

    /** A program that writes down its variables, and reports that it is ready. */
    private static final String PROGRAM =
            "echo \"$NOTIFY_SOCKET $WATCHDOG_USEC $WATCHDOG_PID $SYSTEMD_EXEC_PID $$\" >variables; echo up >&9;"
                    + " exec 9>&-; exec sleep 300";

    private Path directory;
    private CommandRunner runner;

    @BeforeEach
    void open(Launcher launcher, TestDirectory testDirectory) {
        directory = testDirectory.path();
        runner = new CommandRunner(launcher, directory);
    }

    private NotifyReceiver bind() throws Exception {
        runner.with("NOTIFY_SOCKET", runner.file("notify"));
        return NotifyReceiver.bind(runner.file("notify"));
    }

    /** Runs a command as the process that a supervisor starts: variables name it. */
    private CommandResult asService(List<String> words) throws Exception {
        return runner.shell("export SYSTEMD_EXEC_PID=$$ WATCHDOG_PID=$$; echo $$ >launcher; exec \"$@\"",
                words);
    }

    private List<String> application(List<String> options, String... arguments) {
        List<String> all = new ArrayList<>(List.of("-Ddirectory=" + directory));
        all.addAll(options);
        return ChildJvm.command(all, SupervisedApplication.class, arguments);
    }

    private List<String> start() {
        return List.of(CommandRunner.COMMAND, "start", "--name", "d", "--pid-file", runner.file("d.pid"),
                "--log", runner.file("d.log"), "--chdir", directory.toString(), "--ready", "fd:9", "--",
                "/bin/sh", "-c", PROGRAM);
    }

    private int number(String file) throws Exception {
        return Integer.parseInt(Files.readString(directory.resolve(file)).strip());
    }

    private List<String> variables() throws Exception {
        return List.of(Files.readString(directory.resolve("variables")).replace("\n", "").split(" ", -1));
    }

    private void stop() throws Exception {
        assertThat(runner.command("stop", "--pid-file", runner.file("d.pid")).status()).isZero();
    }

    private static void assertHandover(NotifyReceiver receiver, int launcher, int daemon, String status)
            throws Exception {
        Message ready = receiver.next();
        assertThat(ready.text()).isEqualTo("MAINPID=" + daemon + "|READY=1|STATUS=" + status);
        assertThat(ready.pid()).isEqualTo(launcher);
        Message barrier = receiver.next();
        assertThat(barrier.text()).isEqualTo("BARRIER=1");
        assertThat(barrier.fds()).isEqualTo(1);
        assertThat(barrier.pid()).isEqualTo(launcher);
    }

    @Test
    void command_makes_its_program_the_main_process() throws Exception {
        runner.with("WATCHDOG_USEC", "5000000");
        try (var receiver = bind()) {
            CommandResult start = asService(start());
            assertThat(start.status()).as("%s", start).isZero();
            assertThat(start.err()).isEmpty();
            int daemon = number("d.pid");
            assertHandover(receiver, number("launcher"), daemon, "up");
            String own = Integer.toString(daemon);
            assertThat(variables()).containsExactly(runner.file("notify"), "5000000", own, own, own);
            stop();
        }
    }

    @Test
    void application_that_was_started_speaks_for_itself_afterwards() throws Exception {
        runner.with("WATCHDOG_USEC", "200000");
        try (var receiver = bind()) {
            CommandResult start = asService(application(List.of(), "start"));
            assertThat(start.status()).as("%s", start).isZero();
            int launcher = number("launcher");
            int daemon = number("app.pid");
            Message extension = receiver.next();
            assertThat(extension.text()).isEqualTo("EXTEND_TIMEOUT_USEC=60000000");
            assertThat(extension.pid()).isEqualTo(launcher);
            assertHandover(receiver, launcher, daemon, "here I am");
            int ofLauncher = receiver.seen().size();
            assertThat(receiver.until(text -> text.equals("WATCHDOG=1"))).startsWith(
                    "STATUS=loading the data", "READY=1|STATUS=here I am");
            assertThat(runner.run(application(List.of(), "reload")).status()).isZero();
            assertThat(receiver.until(text -> text.equals("READY=1"))).contains("STATUS=reload action");
            assertThat(runner.run(application(List.of(), "stop")).status()).isZero();
            receiver.until(text -> text.equals("STOPPING=1"));
            List<Message> seen = receiver.seen();
            assertThat(seen.subList(ofLauncher, seen.size())).extracting(Message::pid).containsOnly(daemon);
            assertThat(directory.resolve("app.log")).content().doesNotContain("NOTIFY_SOCKET");
        }
    }

    @Test
    void daemon_of_another_user_speaks_for_itself_too() throws Exception {
        Assumptions.assumeTrue(Files.isWritable(Path.of("/proc/sys/kernel/hostname")), "root alone can");
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.setPosixFilePermissions(Files.createDirectory(directory.resolve("log")),
                PosixFilePermissions.fromString("rwxr-xr-x"));
        runner.with("WATCHDOG_USEC", "200000");
        try (var receiver = bind()) {
            CommandResult start = asService(application(List.of("-Das.user=nobody"), "start"));
            assertThat(start.status()).as("%s", start).isZero();
            receiver.until(text -> text.equals("WATCHDOG=1"));
            assertThat(receiver.seen().getLast().uid()).isEqualTo(65534);
            assertThat(receiver.seen().getLast().pid()).isEqualTo(number("app.pid"));
            assertThat(runner.run(application(List.of("-Das.user=nobody"), "stop")).status()).isZero();
        }
    }

    @Test
    void restart_names_the_new_daemon() throws Exception {
        try (var receiver = bind()) {
            assertThat(asService(application(List.of(), "start")).status()).isZero();
            receiver.until(text -> text.startsWith("MAINPID="));
            int first = number("app.pid");
            assertThat(asService(application(List.of(), "restart")).status()).isZero();
            int second = number("app.pid");
            assertThat(second).isNotEqualTo(first);
            receiver.until(text -> text.startsWith("MAINPID=" + second + "|READY=1"));
            assertThat(runner.run(application(List.of(), "stop")).status()).isZero();
        }
    }

    @Test
    void start_that_fails_tells_nothing() throws Exception {
        try (var receiver = bind()) {
            assertThat(asService(application(List.of(), "start", "fails")).status()).isEqualTo(1);
            assertThat(asService(application(List.of(), "start")).status()).isZero();
            assertThat(receiver.until(text -> text.startsWith("MAINPID="))).containsExactly(
                    "EXTEND_TIMEOUT_USEC=60000000", "EXTEND_TIMEOUT_USEC=60000000",
                    "MAINPID=" + number("app.pid") + "|READY=1|STATUS=here I am");
            assertThat(runner.run(application(List.of(), "stop")).status()).isZero();
        }
    }

    /** A service starts a daemon as its helper: the daemon must not take the place of the service. */
    @Test
    void launcher_that_the_supervisor_has_not_started_tells_nothing() throws Exception {
        runner.with("SYSTEMD_EXEC_PID", "1").with("WATCHDOG_USEC", "5000000");
        try (var receiver = bind()) {
            CommandResult start = runner.run(start());
            assertThat(start.status()).as("%s", start).isZero();
            assertThat(variables()).startsWith("", "", "", "");
            stop();
            runner.with("NOTIFY_SOCKET", runner.file("notify")).with("SYSTEMD_EXEC_PID", "");
            assertThat(asService(start()).status()).isZero();
            assertThat(receiver.next().text()).startsWith("MAINPID=" + number("d.pid"));
            stop();
        }
    }

    @Test
    void unreachable_supervisor_causes_a_warning() throws Exception {
        runner.with("NOTIFY_SOCKET", runner.file("nowhere"));
        CommandResult start = asService(start());
        assertThat(start.status()).isZero();
        assertThat(start.out()).startsWith("d: started, pid ");
        assertThat(start.err()).startsWith("daemon-steps: warning: NOTIFY_SOCKET \"" + runner.file("nowhere")
                + "\": ").endsWith("(ENOENT, 2); the supervisor does not get the message\n").hasLineCount(1);
        stop();
    }

    @Test
    void supervisor_that_reads_nothing_is_a_warning() throws Exception {
        runner.with("NOTIFY_SOCKET", runner.file("notify"));
        try (var _ = NotifyReceiver.bindFull(runner.file("notify"))) {
            CommandResult start = asService(start());
            assertThat(start.status()).isZero();
            assertThat(start.err()).contains("(EAGAIN, 11)").hasLineCount(1);
            stop();
        }
    }

    @Test
    void variable_that_the_caller_sets_reaches_the_program() throws Exception {
        List<String> words = Stream.concat(start().stream().takeWhile(word -> !word.equals("--")),
                Stream.concat(Stream.of("--env", "NOTIFY_SOCKET=/other"),
                        start().stream().dropWhile(word -> !word.equals("--"))))
                .toList();
        CommandResult start = runner.run(words);
        assertThat(start.status()).as("%s", start).isZero();
        assertThat(variables()).startsWith("/other");
        stop();
    }
}
