package io.github.daemonsteps.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daemonsteps.daemon.Daemon;
import io.github.daemonsteps.daemon.Readiness;
import io.github.daemonsteps.daemon.RestartResult;
import io.github.daemonsteps.daemon.StartResult;
import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.CallInterceptor;
import io.github.daemonsteps.posix.Errno;
import io.github.daemonsteps.posix.Processes;
import io.github.daemonsteps.process.Environment;
import io.github.daemonsteps.process.Program;
import io.github.daemonsteps.testing.Await;
import io.github.daemonsteps.testing.Command;
import io.github.daemonsteps.testing.CommandRunner;
import io.github.daemonsteps.testing.FreePort;
import io.github.daemonsteps.testing.OrdinaryUser;
import io.github.daemonsteps.testing.SocketProgram;
import io.github.daemonsteps.testing.Tool;
import io.github.daemonsteps.testkit.CommandResult;
import io.github.daemonsteps.testkit.Daemons;
import io.github.daemonsteps.testkit.Launcher;
import io.github.daemonsteps.testkit.TestDirectory;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A restart keeps the listening sockets of the daemon open for the next one. */
@Daemons
class RestartedSocketsIT {

    private static final Path PTRACE_SCOPE = Path.of("/proc/sys/kernel/yama/ptrace_scope");

    private Path directory;
    private CommandRunner runner;

    @BeforeEach
    void open(Launcher launcher, TestDirectory testDirectory) {
        directory = testDirectory.path();
        runner = new CommandRunner(launcher, directory);
    }

    private CommandResult command(List<String> prefix, String subcommand, List<String> program,
            String... listen) throws Exception {
        List<String> words = new ArrayList<>(prefix);
        words.addAll(List.of(CommandRunner.COMMAND, subcommand, "--name", "d", "--pid-file", "d.pid", "--log",
                "d.log"));
        for (String address : listen) {
            words.addAll(List.of("--listen", address));
        }
        words.add("--");
        words.addAll(program);
        return runner.run(words);
    }

    /** Starts or restarts the daemon and returns its process. */
    private int done(String subcommand, String... listen) throws Exception {
        CommandResult result = command(List.of(), subcommand, SocketProgram.command(), listen);
        assertThat(result.status()).as("%s", result).isZero();
        return pid();
    }

    private int pid() throws IOException {
        return Integer.parseInt(Files.readString(directory.resolve("d.pid")).strip());
    }

    private void stop() throws Exception {
        assertThat(runner.command("stop", "--pid-file", "d.pid").status()).isZero();
    }

    /** Returns a socket as the kernel knows it: {@code socket:[INODE]}. */
    private static String socket(int pid, int fd) throws IOException {
        return Files.readSymbolicLink(Path.of("/proc/" + pid + "/fd/" + fd)).toString();
    }

    @Test
    void next_daemon_has_the_same_sockets() throws Exception {
        String[] listen =
                {"http=127.0.0.1:" + FreePort.find(), "[::1]:" + FreePort.find(), runner.file("app.sock"),
                    "@daemon-steps-" + directory.getFileName()};
        int first = done("start", listen);
        List<String> sockets = new ArrayList<>();
        for (int fd = 3; fd < 7; fd++) {
            sockets.add(socket(first, fd));
        }
        String[] reversed = {listen[3], listen[2], listen[1], listen[0]};
        int second = done("restart", reversed);
        assertThat(second).isNotEqualTo(first);
        for (int fd = 3; fd < 7; fd++) {
            assertThat(socket(second, fd)).as("descriptor %s", fd).isEqualTo(sockets.get(6 - fd));
        }
        assertThat(Path.of("/proc/" + second + "/fd/7")).as("the duplicate").doesNotExist();
        Await.until(() -> SocketProgram.answer(directory.resolve("app.sock")).endsWith(" " + second));
        stop();
    }

    @Test
    void no_connection_is_refused_during_restarts() throws Exception {
        int port = FreePort.find();
        Path file = directory.resolve("app.sock");
        done("start", "127.0.0.1:" + port, file.toString());
        var isOver = new AtomicReference<>(false);
        var refused = new AtomicInteger();
        var answers = new AtomicInteger();
        List<Thread> clients = new ArrayList<>();
        for (Callable<String> client : List.<Callable<String>>of(() -> SocketProgram.answer(port),
                () -> SocketProgram.answer(file))) {
            clients.add(Thread.ofPlatform().start(() -> {
                while (!isOver.get()) {
                    try {
                        client.call();
                        answers.incrementAndGet();
                    } catch (ConnectException e) {
                        refused.incrementAndGet();
                    } catch (SocketException e) {
                        // accepted by a program that was stopped before its answer
                    } catch (Exception e) {
                        throw new AssertionError(e);
                    }
                }
            }));
        }
        for (int i = 0; i < 3; i++) {
            int pid = done("restart", "127.0.0.1:" + port, file.toString());
            int before = answers.get();
            Await.until(() -> answers.get() > before + 10);
            assertThat(Processes.hasEnded(pid)).isFalse();
        }
        isOver.set(true);
        for (Thread client : clients) {
            client.join();
        }
        assertThat(refused).hasValue(0);
        stop();
    }

    /** Lets this process duplicate no descriptor of another one. */
    private static final class NoDuplicates implements CallInterceptor {
        @Override
        public Effect effect(Call call) {
            return call.function().equals("pidfd_getfd")
                    ? new Effect.Fails(Errno.EPERM)
                    : new Effect.Executed();
        }
    }

    @Test
    void socket_that_cannot_be_held_is_bound_anew() throws Exception {
        int port = FreePort.find();
        Daemon daemon = Daemon.named("d").pidFile(directory.resolve("d.pid")).log(directory.resolve("d.log"))
                .listen("127.0.0.1:" + port);
        Program program =
                Program.of(SocketProgram.command().getFirst(), "-c", SocketProgram.command().getLast());
        StartResult started = daemon.start(program, Readiness.aliveAfter());
        assertThat(started).isInstanceOf(StartResult.Started.class);
        int first = pid();
        String before = socket(first, 3);
        RestartResult restarted = daemon.interceptCalls(new NoDuplicates())
                .restart(program, Readiness.aliveAfter());
        assertThat(restarted).isInstanceOfSatisfying(RestartResult.Restarted.class,
                done -> assertThat(done.started()).isInstanceOf(StartResult.Started.class));
        assertThat(socket(pid(), 3)).isNotEqualTo(before);
        stop();
    }

    @Test
    void socket_file_that_was_removed_or_has_another_mode_is_bound_anew() throws Exception {
        Path file = directory.resolve("app.sock");
        String before = socket(done("start", file.toString()), 3);
        Files.delete(file);
        String second = socket(done("restart", file.toString()), 3);
        assertThat(second).isNotEqualTo(before);
        assertThat(file).exists();
        String third = socket(done("restart", file + ",mode=0600"), 3);
        assertThat(third).isNotEqualTo(second);
        assertThat(Files.getPosixFilePermissions(file))
                .isEqualTo(PosixFilePermissions.fromString("rw-------"));
        assertThat(socket(done("restart", file + ",mode=0600"), 3)).isEqualTo(third);
        stop();
    }

    @Test
    void socket_that_the_program_has_shut_down_is_bound_anew() throws Exception {
        String address = "127.0.0.1:" + FreePort.find();
        List<String> program = List.of(Tool.path("python3"), "-c",
                "import socket; s = socket.socket(fileno=3); s.shutdown(socket.SHUT_RDWR); print('shut', flush=True); "
                        + "import signal; signal.pause()");
        assertThat(command(List.of(), "start", program, address).status()).isZero();
        Await.until(() -> Files.readString(directory.resolve("d.log")).contains("shut\n"));
        String before = socket(pid(), 3);
        assertThat(socket(done("restart", address), 3)).isNotEqualTo(before);
        stop();
    }

    @Test
    void restart_by_ordinary_user_keeps_sockets_of_traceable_daemon() throws Exception {
        var user = new OrdinaryUser(directory);
        Path writable = Files.createDirectory(directory.resolve("writable"));
        Files.setAttribute(writable, "unix:uid", (int) user.uid());
        List<String> prefix = new ArrayList<>(
                List.of(Tool.path("env"), "--chdir=" + writable));
        prefix.addAll(user.prefix());
        String address = "127.0.0.1:" + FreePort.find();
        assertThat(command(prefix, "start", SocketProgram.command(), address).status()).isZero();
        int first = Integer.parseInt(Files.readString(writable.resolve("d.pid")).strip());
        String before = readlink(first);
        boolean mayTrace =
                !Files.exists(PTRACE_SCOPE) || Files.readAllLines(PTRACE_SCOPE).getFirst().equals("0");
        CommandResult restart = command(prefix, "restart", SocketProgram.command(), address);
        assertThat(restart.status()).as("%s", restart).isZero();
        assertThat(restart.err().contains("the sockets did not stay open during the restart"))
                .isEqualTo(!mayTrace);
        int second = Integer.parseInt(Files.readString(writable.resolve("d.pid")).strip());
        assertThat(readlink(second).equals(before)).isEqualTo(mayTrace);

        String foreign = writable + "/app.sock,user=root";
        CommandResult refused = command(prefix, "restart", SocketProgram.command(), foreign);
        assertThat(refused.status()).isNotZero();
        assertThat(refused.err()).contains("Operation not permitted").contains("app.sock");
        refused = command(prefix, "restart", SocketProgram.command(), "/daemon-steps-app.sock");
        assertThat(refused.status()).isNotZero();
        assertThat(refused.err()).contains("Permission denied").contains("app.sock");
        assertThat(Processes.hasEnded(second)).as("not stopped").isFalse();
        List<String> stop = new ArrayList<>(user.prefix());
        stop.addAll(List.of(CommandRunner.COMMAND, "stop", "--pid-file", writable + "/d.pid"));
        assertThat(runner.run(stop).status()).isZero();
    }

    private static String readlink(int pid) throws Exception {
        Command link = Command.run(Tool.path("readlink"), "/proc/" + pid + "/fd/3");
        return link.output();
    }

    @Test
    void more_sockets_than_the_limit_of_open_files_are_refused() throws Exception {
        List<String> words = new ArrayList<>(List.of("/bin/sh", "-c", "ulimit -n 64; exec \"$@\"", "sh",
                CommandRunner.COMMAND, "start", "--name", "d", "--pid-file", "d.pid"));
        for (int i = 0; i < 60; i++) {
            words.addAll(List.of("--listen", "@w" + i + "-" + directory.getFileName()));
        }
        words.addAll(List.of("--", "/bin/sleep", "300"));
        CommandResult start = runner.run(words);
        assertThat(start.status()).isEqualTo(1);
        assertThat(start.err())
                .isEqualTo("daemon-steps: d: not started: 60 sockets: need 71 descriptors, but "
                        + "RLIMIT_NOFILE is 64; raise the limit with ulimit -n, or configure fewer sockets\n");
        assertThat(directory.resolve("d.pid")).doesNotExist();
    }

    @Test
    void duplicates_have_no_number_of_the_readiness_descriptor() throws Exception {
        String address = "127.0.0.1:" + FreePort.find();
        for (int fd = 5; fd < 15; fd++) {
            List<String> words = new ArrayList<>(List.of(CommandRunner.COMMAND, fd == 5 ? "start" : "restart",
                    "--pid-file", "d.pid", "--log", "d.log", "--ready", "fd:" + fd, "--listen", address,
                    "--listen", "@w-" + directory.getFileName(), "--", Tool.path("python3"), "-c",
                    "import os, time; os.write(" + fd + ", b'\\n'); time.sleep(300)"));
            CommandResult result = runner.run(words);
            assertThat(result.status()).as("descriptor %s: %s", fd, result).isZero();
        }
        stop();
    }

    @Test
    void next_daemon_does_not_inherit_the_flags_and_the_queue_of_the_last_one() throws Exception {
        int port = FreePort.find();
        List<String> program = List.of(Tool.path("python3"), "-c",
                "import socket, signal; s = socket.socket(fileno=3); s.setblocking(False); s.listen(1); "
                        + "print('changed', flush=True); signal.pause()");
        assertThat(command(List.of(), "start", program, "127.0.0.1:" + port).status()).isZero();
        Await.until(() -> Files.readString(directory.resolve("d.log")).contains("changed\n"));
        String before = socket(pid(), 3);
        int pid = done("restart", "127.0.0.1:" + port);
        assertThat(socket(pid, 3)).isEqualTo(before);
        assertThat(Files.readString(Path.of("/proc/" + pid + "/fdinfo/3"))).contains("flags:\t02\n");
        Command ss = Command.run(Tool.need("ss"), "-Hltn", "sport = :" + port);
        assertThat(ss.output().split(" +")[2]).as(ss.output()).isNotEqualTo("1");
        stop();
    }

    @Test
    void socket_file_of_another_socket_is_replaced() throws Exception {
        Path file = directory.resolve("app.sock");
        String before = socket(done("start", file.toString()), 3);
        Command stale = Command.run(Tool.path("python3"), "-c",
                "import os, socket, sys; os.unlink(sys.argv[1]); os.umask(0o117); "
                        + "socket.socket(socket.AF_UNIX).bind(sys.argv[1])",
                file.toString());
        assertThat(stale.status()).as("%s", stale).isZero();
        int pid = done("restart", file.toString());
        assertThat(socket(pid, 3)).isNotEqualTo(before);
        Await.until(() -> SocketProgram.answer(file).endsWith(" " + pid));
        stop();
    }

    @Test
    void unix_socket_that_the_program_shuts_down_at_its_end_is_bound_anew() throws Exception {
        Path file = directory.resolve("app.sock");
        List<String> program = List.of(Tool.path("python3"), "-c",
                "import os, signal, socket; s = socket.socket(fileno=3); "
                        + "signal.signal(15, lambda *_: (s.shutdown(socket.SHUT_RDWR), os._exit(0))); "
                        + "print('waits', flush=True)\nwhile True: signal.pause()");
        assertThat(command(List.of(), "start", program, file.toString()).status()).isZero();
        Await.until(() -> Files.readString(directory.resolve("d.log")).contains("waits\n"));
        int pid = done("restart", file.toString());
        Await.until(() -> SocketProgram.answer(file).endsWith(" " + pid));
        stop();
    }

    @Test
    void line_of_the_table_that_another_user_forges_has_no_effect() throws Exception {
        Path file = directory.resolve("app.sock");
        String name = "@w-" + directory.getFileName();
        done("start", file.toString(), name);
        stop();
        Process forger = runner.builder(List.of(Tool.path("python3"), "-c", """
                import socket, sys
                forgers = []
                for path in sys.argv[1:]:
                    s = socket.socket(socket.AF_UNIX)
                    line = '0: 2 0 00010000 1 1 1 '
                    s.bind(('\\0x%d\\n' % len(forgers) + line + path).encode())
                    s.listen(1)
                    forgers.append(s)
                print('forged', flush=True)
                sys.stdin.read()
                """, file.toString(), name)).redirectOutput(directory.resolve("forger").toFile()).start();
        Await.until(() -> Files.readString(directory.resolve("forger")).equals("forged\n"));
        String before = socket(done("start", file.toString(), name), 3);
        int pid = done("restart", file.toString(), name);
        assertThat(socket(pid, 3)).as("held").isEqualTo(before);
        forger.getOutputStream().close();
        forger.waitFor();
        stop();
    }

    @Test
    void process_that_has_left_the_daemon_does_not_share_the_socket_with_the_next_one() throws Exception {
        String address = "127.0.0.1:" + FreePort.find();
        List<String> program = List.of(Tool.path("python3"), "-c", """
                import os, signal
                if os.fork() == 0:
                    os.setsid()
                    os.closerange(4, 1000) # the lock of the pid file too
                    with open('escaped', 'w') as file:
                        file.write('%d\\n' % os.getpid())
                while True:
                    signal.pause()
                """);
        List<String> words =
                new ArrayList<>(List.of(CommandRunner.COMMAND, "start", "--pid-file", "d.pid", "--log",
                        "d.log", "--chdir", directory.toString(), "--listen", address, "--"));
        words.addAll(program);
        assertThat(runner.run(words).status()).isZero();
        Await.until(() -> Files.exists(directory.resolve("escaped"))
                && Files.readString(directory.resolve("escaped")).endsWith("\n"));
        CommandResult restart = command(List.of(), "restart", SocketProgram.command(), address);
        assertThat(restart.status()).isEqualTo(1);
        assertThat(restart.err()).contains("Address already in use: process "
                + Files.readString(directory.resolve("escaped")).strip() + " (python3) listens on "
                + address);
        runner.killProcesses();
    }

    @Test
    void two_restarts_at_the_same_time_leave_one_daemon_that_listens() throws Exception {
        int port = FreePort.find();
        String[] listen = {"127.0.0.1:" + port, runner.file("app.sock")};
        done("start", listen);
        for (int round = 0; round < 3; round++) {
            List<Process> restarts = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                restarts.add(runner.builder(List.of(CommandRunner.COMMAND, "restart", "--name", "d",
                        "--pid-file", "d.pid", "--log", "d.log", "--listen", listen[0], "--listen", listen[1],
                        "--", SocketProgram.command().getFirst(), "-c", SocketProgram.command().getLast()))
                        .redirectErrorStream(true).redirectOutput(directory.resolve("restart" + i).toFile())
                        .start());
            }
            for (int i = 0; i < 2; i++) {
                int status = restarts.get(i).waitFor();
                String output = Files.readString(directory.resolve("restart" + i));
                assertThat(status == 0 || output.contains("stopped by another command")
                        || output.contains("by another launcher, and that start has failed")
                        || output.contains("was not stopped, and runs on")
                        || output.contains(" for a restart; try again after its end")).as(output).isTrue();
            }
            assertThat(runner.command("status", "--pid-file", "d.pid").status()).isZero();
            int pid = pid();
            Await.until(() -> SocketProgram.answer(port).endsWith(" " + pid));
            Await.until(() -> SocketProgram.answer(directory.resolve("app.sock")).endsWith(" " + pid));
        }
        stop();
    }

    @Test
    void environment_of_the_next_daemon_describes_its_sockets() throws Exception {
        String address = "web=127.0.0.1:" + FreePort.find();
        done("start", address);
        int pid = done("restart", address);
        assertThat(Environment.strings(Path.of("/proc/" + pid + "/environ")))
                .contains(CString.of("LISTEN_PID=" + pid), CString.of("LISTEN_FDS=1"),
                        CString.of("LISTEN_FDNAMES=web"));
        stop();
    }
}
