package io.github.daemonsteps.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daemonsteps.ffm.NativePosix;
import io.github.daemonsteps.posix.Processes;
import io.github.daemonsteps.steps.extra.DropPrivileges;
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
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The sockets of {@code --listen}: bound before root is given up, and inherited by the program. */
@Daemons
class SocketsIT {

    private static final Pattern ADDRESS = Pattern.compile("^(\\d+) (\\S+) (\\S+) (\\S+) port (\\d+) 1$");

    private Path directory;
    private CommandRunner runner;

    @BeforeEach
    void open(Launcher launcher, TestDirectory testDirectory) {
        directory = testDirectory.path();
        runner = new CommandRunner(launcher, directory);
    }

    private static List<String> words(String subcommand, List<String> options, List<String> program) {
        List<String> words = new ArrayList<>(List.of(CommandRunner.COMMAND, subcommand, "--name", "d",
                "--pid-file", "d.pid", "--log", "d.log"));
        words.addAll(options);
        words.add("--");
        words.addAll(program);
        return words;
    }

    private CommandResult start(String... options) throws Exception {
        return runner.run(words("start", List.of(options), SocketProgram.command()));
    }

    private CommandResult stop() throws Exception {
        return runner.command("stop", "--pid-file", "d.pid");
    }

    private int pid() throws IOException {
        return Integer.parseInt(Files.readString(file("d.pid")).strip());
    }

    private Path file(String name) {
        return directory.resolve(name);
    }

    /** Returns the lines of the program when it listens. */
    private List<String> log() throws IOException {
        Await.until(() -> Files.readString(file("d.log")).contains("listening\n"),
                () -> Files.readString(file("d.log")));
        List<String> lines = Files.readAllLines(file("d.log"));
        return lines.subList(0, lines.size() - 1);
    }

    private static int port(String line) {
        Matcher matcher = ADDRESS.matcher(line);
        assertThat(matcher.find()).as(line).isTrue();
        return Integer.parseInt(matcher.group(5));
    }

    private static void assumeRoot() {
        Assumptions.assumeTrue(DropPrivileges.isPermitted(), "only root can start daemons as another user");
    }

    private static int freePort(int from, int to) {
        for (int port = from; port <= to; port++) {
            try (var _ = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                return port;
            } catch (IOException e) {
                // in use
            }
        }
        throw new AssertionError("no port is free");
    }

    @Test
    void program_inherits_listening_sockets_from_descriptor_3_on() throws Exception {
        String socket = runner.file("app.sock");
        String name = "@daemon-steps-" + ProcessHandle.current().pid();
        CommandResult start = start("--listen", "http=127.0.0.1:0", "--listen", "[::1]:0", "--listen", "0",
                "--listen", "admin=" + socket, "--listen", name);
        assertThat(start.status()).as(start.err()).isZero();
        List<String> log = log();
        assertThat(log.get(0)).startsWith("3 http AF_INET 127.0.0.1 port ");
        assertThat(log.get(1)).startsWith("4 unknown AF_INET6 ::1 port ");
        assertThat(log.get(2)).startsWith("5 unknown AF_INET6 :: port ");
        assertThat(log.get(3)).isEqualTo("6 admin AF_UNIX " + socket + " 1");
        assertThat(log.get(4)).isEqualTo("7 unknown AF_UNIX b'\\x00" + name.substring(1) + "' 1");
        assertThat(log.get(5)).isEqualTo("stdin is /dev/null");
        String rest = " " + NativePosix.get().getuid() + " " + pid();
        assertThat(SocketProgram.answer(port(log.get(0)))).isEqualTo("3" + rest);
        assertThat(SocketProgram.answer("::1", port(log.get(1)))).isEqualTo("4" + rest);
        assertThat(SocketProgram.answer("::1", port(log.get(2)))).isEqualTo("5" + rest);
        assertThat(SocketProgram.answer(port(log.get(2)))).as("IPv4 on [::]").isEqualTo("5" + rest);
        assertThat(SocketProgram.answer(file("app.sock"))).isEqualTo("6" + rest);
        assertThat(stop().status()).isZero();
    }

    @Test
    void twenty_sockets_get_consecutive_descriptors() throws Exception {
        List<String> options = new ArrayList<>(List.of("--ready", "fd:40"));
        for (int i = 0; i < 20; i++) {
            options.addAll(List.of("--listen", "n" + i + "=127.0.0.1:0"));
        }
        List<String> program =
                new ArrayList<>(List.of(Tool.path("bash"), "-c", "echo >&40; exec 40>&-; exec \"$@\"",
                        "sh"));
        program.addAll(SocketProgram.command());
        CommandResult start = runner.run(words("start", options, program));
        assertThat(start.status()).as(start.err()).isZero();
        List<String> log = log();
        for (int i = 0; i < 20; i++) {
            assertThat(log.get(i)).startsWith((3 + i) + " n" + i + " AF_INET 127.0.0.1 port ");
            assertThat(SocketProgram.answer(port(log.get(i)))).startsWith((3 + i) + " ");
        }
        assertThat(stop().status()).isZero();
    }

    @Test
    void program_of_ordinary_user_serves_privileged_port() throws Exception {
        assumeRoot();
        int port = freePort(81, 1023);
        CommandResult start = start("--user", "nobody", "--listen", "127.0.0.1:" + port);
        assertThat(start.status()).as(start.err()).isZero();
        log();
        assertThat(SocketProgram.answer(port)).isEqualTo("3 65534 " + pid());
        assertThat(stop().status()).isZero();
    }

    /** A network namespace of its own, in which the port is free. */
    @Test
    void program_of_ordinary_user_serves_port_80() throws Exception {
        assumeRoot();
        Tool.need("ip");
        List<String> words = new ArrayList<>(List.of(Tool.need("unshare"), "--net", "/bin/sh", "-c",
                "ip link set lo up; exec \"$@\"", "sh"));
        words.addAll(words("start", List.of("--user", "nobody", "--listen", "0.0.0.0:80"),
                SocketProgram.command()));
        CommandResult start = runner.run(words);
        assertThat(start.status()).as(start.err()).isZero();
        assertThat(log().getFirst()).isEqualTo("3 unknown AF_INET 0.0.0.0 port 80 1");
        Command client = Command.run(Tool.need("nsenter"), "--net", "--target", Integer.toString(pid()),
                "python3", "-c",
                "import socket; print(socket.create_connection(('127.0.0.1', 80)).recv(99))");
        assertThat(client.output()).isEqualTo("b'3 65534 " + pid() + "'\n");
        assertThat(stop().status()).isZero();
    }

    @Test
    void privileged_port_without_root_fails_with_advice() throws Exception {
        Assumptions.assumeTrue(
                Files.readAllLines(Path.of("/proc/sys/net/ipv4/ip_unprivileged_port_start")).getFirst()
                        .equals("1024"));
        var user = new OrdinaryUser(directory);
        List<String> words = new ArrayList<>(user.prefix());
        Path writable = Files.createDirectory(file("writable"));
        Files.setAttribute(writable, "unix:uid", (int) user.uid());
        words.addAll(List.of(CommandRunner.COMMAND, "start", "--name", "d", "--pid-file", writable + "/d.pid",
                "--log", writable + "/d.log", "--listen", "127.0.0.1:81", "--", "/bin/sleep", "300"));
        CommandResult start = runner.run(words);
        assertThat(start.status()).isEqualTo(4);
        assertThat(start.err()).isEqualTo("daemon-steps: d: not started: LISTEN: bind(3, 127.0.0.1:81): "
                + "Permission denied: only root can bind port 81, which is below 1024"
                + " (net.ipv4.ip_unprivileged_port_start); start as root with --user, which gives up root after"
                + " the binding, or give the program of this start CAP_NET_BIND_SERVICE, or choose a higher"
                + " port (EACCES, 13)\n");
        assertThat(writable.resolve("d.pid")).doesNotExist();
    }

    @ParameterizedTest
    @CsvSource({"0, 0600, rw-------", "0777, 0666, rw-rw-rw-", "027, , rw-rw----"})
    void file_of_unix_socket_has_its_mode_and_owner_whatever_the_umask_is(String umask, String mode,
            String expected) throws Exception {
        assumeRoot();
        String address = runner.file("app.sock") + (mode == null ? "" : ",mode=" + mode) + ",group=adm";
        CommandResult start = start("--user", "nobody", "--umask", umask, "--listen", address);
        assertThat(start.status()).as(start.err()).isZero();
        PosixFileAttributes file =
                Files.readAttributes(file("app.sock"), PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        assertThat(file.permissions())
                .isEqualTo(PosixFilePermissions.fromString(expected));
        assertThat(file.owner().getName()).isEqualTo("nobody");
        assertThat(file.group().getName()).isEqualTo("adm");
        assertThat(Files.readString(Path.of("/proc/" + pid() + "/status")))
                .contains("Umask:\t" + ("0000" + Integer.toOctalString(Integer.parseInt(umask, 8)))
                        .replaceFirst(".*(....)$", "$1"));
        assertThat(stop().status()).isZero();
    }

    @Test
    void start_names_the_process_that_has_the_address_and_leaves_no_file() throws Exception {
        try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String address = "127.0.0.1:" + taken.getLocalPort();
            CommandResult start = start("--listen", runner.file("app.sock"), "--listen", address);
            assertThat(start.status()).isEqualTo(1);
            assertThat(start.err()).matches("daemon-steps: d: not started: LISTEN: bind\\(4, " + address
                    + "\\): Address already in use: process " + ProcessHandle.current().pid()
                    + " \\(java\\) listens on " + address
                    + "; stop that process or choose another address \\(EADDRINUSE, 98\\)\n");
        }
        assertThat(file("app.sock")).doesNotExist();
        assertThat(file("d.pid")).doesNotExist();
    }

    @Test
    void failed_start_leaves_no_socket_file() throws Exception {
        CommandResult start = runner.run(words("start", List.of("--ready", "fd:9", "--listen",
                runner.file("app.sock")), List.of("/bin/sh", "-c", "exit 3")));
        assertThat(start.status()).isEqualTo(1);
        assertThat(file("app.sock")).doesNotExist();
    }

    @Test
    void socket_file_without_listener_is_replaced() throws Exception {
        try (var socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            socket.bind(UnixDomainSocketAddress.of(file("app.sock")));
            CommandResult start = start("--listen", runner.file("app.sock"));
            assertThat(start.status()).isEqualTo(1);
            assertThat(start.err()).contains("Address already in use: process "
                    + ProcessHandle.current().pid() + " (java) listens on " + runner.file("app.sock"));
        }
        assertThat(file("app.sock")).exists();
        assertThat(start("--listen", runner.file("app.sock")).status()).isZero();
        assertThat(log().getFirst()).contains("app.sock");
        assertThat(SocketProgram.answer(file("app.sock"))).startsWith("3 ");
        assertThat(stop().status()).isZero();
        assertThat(start("--listen", runner.file("app.sock")).status()).as("after a stop").isZero();
        assertThat(stop().status()).isZero();
    }

    @Test
    void file_that_is_not_a_socket_stays() throws Exception {
        Files.writeString(file("app.sock"), "precious");
        CommandResult start = start("--listen", runner.file("app.sock"));
        assertThat(start.status()).isEqualTo(1);
        assertThat(start.err()).contains(
                "the file is not a socket, and stays; remove the file or choose another path");
        assertThat(file("app.sock")).hasContent("precious");
        Files.createSymbolicLink(file("link"), Path.of("app.sock"));
        assertThat(start("--listen", runner.file("link")).err())
                .contains("the socket \"" + file("link") + "\" is a symbolic link, which is not followed");
        assertThat(start("--listen", runner.file("none/app.sock")).err()).contains("ENOENT");
    }

    @Test
    void stale_socket_of_another_user_and_world_writable_directory_are_refused() throws Exception {
        assumeRoot();
        try (var socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            socket.bind(UnixDomainSocketAddress.of(file("app.sock")));
        }
        Files.setAttribute(file("app.sock"), "unix:uid", 1);
        assertThat(start("--user", "nobody", "--listen", runner.file("app.sock")).err())
                .contains("the socket belongs to user 1, who is not trusted, and stays");
        assertThat(file("app.sock")).exists();
        Path open = Files.createDirectory(file("open"));
        Files.setPosixFilePermissions(open,
                PosixFilePermissions.fromString("rwxrwxrwx"));
        assertThat(start("--listen", open + "/app.sock").err()).contains("can be written to by all");
    }

    @Test
    void descriptor_with_two_uses_is_a_usage_error() throws Exception {
        assertThat(start("--keep-fd", "4", "--listen", "0", "--listen", "0"))
                .isEqualTo(usage("--keep-fd: descriptor 4 belongs to a socket of --listen;"
                        + " choose 5 or higher"));
        assertThat(start("--ready", "fd:3", "--listen", "0")).isEqualTo(usage(
                "--ready: descriptor 3 belongs to a socket of --listen; choose 4 or higher"));
        assertThat(start("--listen-stdin"))
                .isEqualTo(usage("--listen-stdin: needs exactly one --listen, not 0"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"start", "restart", "run", "plan", "trace"})
    void sockets_that_cannot_be_bound_together_are_a_usage_error(String subcommand) throws Exception {
        List<String> name = subcommand.equals("run") ? List.of() : List.of("--name", "d");
        for (List<String> options : List.of(List.of("--listen", "@a", "--listen", "@a"),
                List.of("--listen", "/run/a,user=nosuchuser"))) {
            List<String> words = new ArrayList<>(List.of(CommandRunner.COMMAND, subcommand));
            words.addAll(name);
            words.addAll(options);
            words.addAll(List.of("--", "true"));
            CommandResult refused = runner.run(words);
            assertThat(refused.status()).as(refused.err()).isEqualTo(2);
            assertThat(refused.err().lines()).hasSize(1);
        }
    }

    private static CommandResult usage(String line) {
        return new CommandResult(2, "",
                "daemon-steps: " + line + " (see " + CommandRunner.COMMAND + " --help)\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"start", "run"})
    void one_socket_can_be_descriptor_0_too(String subcommand) throws Exception {
        if (subcommand.equals("start")) {
            assertThat(start("--listen", "127.0.0.1:0", "--listen-stdin").status()).isZero();
            assertThat(log()).contains("stdin is 3");
            assertThat(stop().status()).isZero();
        } else {
            List<String> words = new ArrayList<>(List.of(CommandRunner.COMMAND, "run", "--listen",
                    "127.0.0.1:0", "--listen-stdin", "--"));
            words.addAll(SocketProgram.command());
            running(words);
            assertThat(log()).contains("stdin is 3");
            runner.killProcesses();
        }
    }

    private Process running(List<String> words) throws IOException {
        return runner.builder(words).redirectErrorStream(true).redirectOutput(file("d.log").toFile()).start();
    }

    @Test
    void run_binds_sockets_for_the_program_that_it_becomes() throws Exception {
        List<String> words = new ArrayList<>(List.of(CommandRunner.COMMAND, "run", "--listen",
                "http=127.0.0.1:0", "--listen", runner.file("app.sock"), "--listen", "[::1]:0", "--"));
        words.addAll(SocketProgram.command());
        Process run = running(words);
        List<String> log = log();
        assertThat(log.get(0)).startsWith("3 http AF_INET 127.0.0.1 port ");
        assertThat(log.get(1)).isEqualTo("4 unknown AF_UNIX " + runner.file("app.sock") + " 1");
        assertThat(SocketProgram.answer(port(log.get(0)))).endsWith(" " + run.pid());
        assertThat(SocketProgram.answer("::1", port(log.get(2)))).startsWith("5 ");
        runner.killProcesses();
    }

    @Test
    void run_of_program_that_cannot_be_executed_leaves_no_file() throws Exception {
        Path program = Files.writeString(file("program"), "\u007fELF, but not one");
        Files.setPosixFilePermissions(program,
                PosixFilePermissions.fromString("rwxr-xr-x"));
        CommandResult run = runner.command("run", "--listen", runner.file("app.sock"), "--listen", "0",
                "--listen", "0", "--listen", "0", "--listen", "0", "--", program.toString());
        assertThat(run.status()).as(run.err()).isEqualTo(1);
        assertThat(run.err()).contains("ENOEXEC");
        assertThat(file("app.sock")).doesNotExist();
    }

    @Test
    void passed_socket_comes_first_and_satisfies_the_socket_of_its_name() throws Exception {
        List<String> options = List.of("--listen", "other=127.0.0.1:0", "--listen", "web=127.0.0.1:1");
        List<String> words = words("start", options, SocketProgram.command());
        CommandResult start = runner.run(SocketProgram.activated("web", 0, words));
        assertThat(start.status()).as(start.err()).isZero();
        assertThat(log().get(0)).startsWith("3 web AF_INET 127.0.0.1 port ");
        assertThat(log().get(1)).startsWith("4 other AF_INET 127.0.0.1 port ");
        assertThat(log()).hasSize(3);
        assertThat(stop().status()).isZero();
    }

    @Test
    void passed_socket_satisfies_the_socket_of_its_address() throws Exception {
        int port = FreePort.find();
        List<String> words =
                words("start", List.of("--listen", "127.0.0.1:" + port), SocketProgram.command());
        assertThat(runner.run(SocketProgram.activated("app.socket", port, words)).status()).isZero();
        assertThat(log()).containsExactly("3 app.socket AF_INET 127.0.0.1 port " + port + " 1",
                "stdin is /dev/null");
        assertThat(SocketProgram.answer(port)).isEqualTo("3 " + NativePosix.get().getuid() + " " + pid());
        assertThat(stop().status()).isZero();
    }

    @Test
    void passed_socket_reaches_a_program_of_another_user() throws Exception {
        assumeRoot();
        List<String> words = words("start", List.of("--user", "nobody"), SocketProgram.command());
        assertThat(runner.run(SocketProgram.activated("web", 0, words)).status()).isZero();
        assertThat(log().get(0)).startsWith("3 web AF_INET 127.0.0.1 port ");
        assertThat(stop().status()).isZero();
    }

    @Test
    void run_adds_its_sockets_to_a_passed_one() throws Exception {
        List<String> words = new ArrayList<>(List.of(CommandRunner.COMMAND, "run", "--listen",
                "other=127.0.0.1:0", "--listen", "web=127.0.0.1:1", "--"));
        words.addAll(SocketProgram.command());
        Process run = running(SocketProgram.activated("web", 0, words));
        List<String> log = log();
        assertThat(log.get(0)).startsWith("3 web AF_INET 127.0.0.1 port ");
        assertThat(log.get(1)).startsWith("4 other AF_INET 127.0.0.1 port ");
        assertThat(SocketProgram.answer(port(log.get(0)))).isEqualTo("3 " + NativePosix.get().getuid() + " "
                + run.pid());
        assertThat(SocketProgram.answer(port(log.get(1)))).startsWith("4 ");
        runner.killProcesses();
    }

    @Test
    void restart_does_not_mistake_the_socket_of_the_daemon_for_another() throws Exception {
        int port = FreePort.find();
        List<String> options = List.of("--listen", "127.0.0.1:" + port, "--listen", runner.file("app.sock"));
        assertThat(runner.run(words("start", options, SocketProgram.command())).status()).isZero();
        log();
        int before = pid();
        CommandResult restart = runner.run(words("restart", options, SocketProgram.command()));
        assertThat(restart.status()).as(restart.err()).isZero();
        assertThat(pid()).isNotEqualTo(before);
        Await.until(() -> SocketProgram.answer(port).equals("3 " + NativePosix.get().getuid() + " " + pid()));
        assertThat(SocketProgram.answer(file("app.sock"))).startsWith("4 ");
        try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            int kept = pid();
            CommandResult refused = runner.run(words("restart",
                    List.of("--listen", "127.0.0.1:" + taken.getLocalPort()), SocketProgram.command()));
            assertThat(refused.status()).isEqualTo(1);
            assertThat(refused.err()).contains("Address already in use: process "
                    + ProcessHandle.current().pid() + " (java)");
            assertThat(pid()).as("not stopped").isEqualTo(kept);
            assertThat(Processes.hasEnded(kept)).isFalse();
        }
        assertThat(stop().status()).isZero();
    }

    @Test
    void plan_and_trace_show_the_sockets() throws Exception {
        List<String> options = List.of("--listen", "127.0.0.1:0", "--listen-stdin");
        CommandResult plan = runner.run(words("plan", options, List.of("/bin/sleep", "300")));
        assertThat(plan.out()).contains("LISTEN ", "    socket(AF_INET, SOCK_STREAM|SOCK_CLOEXEC, 0) = 3\n",
                "    bind(3, 127.0.0.1:0)\n", "    listen(3, 4096)\n", "    dup2(3, 0)\n");
        CommandResult trace = runner.run(words("trace",
                List.of("--listen", "127.0.0.1:0", "--listen", runner.file("app.sock")),
                List.of("/bin/sleep", "300")));
        assertThat(trace.status()).as(trace.err()).isZero();
        assertThat(trace.out()).contains("listen(3, 4096) = 0\n").containsPattern(
                "3\\s+\\(unknown\\)\\s+127\\.0\\.0\\.1:[1-9][0-9]*,\\s+4\\s+\\(unknown\\)");
        assertThat(file("app.sock")).doesNotExist();
    }
}
