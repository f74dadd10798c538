package io.github.daemonsteps.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.daemonsteps.posix.FileMode;
import io.github.daemonsteps.posix.Processes;
import io.github.daemonsteps.posix.Signal;
import io.github.daemonsteps.posix.SignalSet;
import io.github.daemonsteps.process.ProcessState;
import io.github.daemonsteps.procfs.ProcessStat;
import io.github.daemonsteps.testing.Await;
import io.github.daemonsteps.testing.ChildJvm;
import io.github.daemonsteps.testing.Command;
import io.github.daemonsteps.testing.CommandRunner;
import io.github.daemonsteps.testing.FreePort;
import io.github.daemonsteps.testing.HttpAnswer;
import io.github.daemonsteps.testing.Json;
import io.github.daemonsteps.testing.OrdinaryUser;
import io.github.daemonsteps.testing.ProcessTag;
import io.github.daemonsteps.testing.Tool;
import io.github.daemonsteps.testkit.Pty;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code examples/simple-server}, built by the commands of its README and used as a user would. */
class ExampleIT {

    private static final Path EXAMPLE = Path.of("examples/simple-server");
    private static final String NAME = "simple-server";

    /** Of all processes of the class: the fixture builds the example, before the first test. */
    private static final ProcessTag TAG = new ProcessTag();

    private static final Pattern STARTED =
            Pattern.compile(NAME + ": started, pid (\\d+): listening on (http://127\\.0\\.0\\.1:\\d+/)\n");

    /** A short run: the optimizing compiler would cost more than it brings. */
    private static final List<String> QUICK = List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC");

    @TempDir
    private static Path shared;

    private static Path checkout;
    private static OrdinaryUser user;

    @TempDir
    private Path directory;

    private Path site;

    /** The exit status and the output of a command. */
    private record Ended(int status, String out, String err) {}

    /** A user who types commands. */
    private record Shell(List<String> prefix, Map<String, String> environment) {

        Ended run(List<String> words) throws IOException, InterruptedException {
            Path out = Files.createTempFile("example", ".out");
            Path err = Files.createTempFile("example", ".err");
            try {
                Process process = builder(words).redirectInput(Path.of("/dev/null").toFile())
                        .redirectOutput(out.toFile()).redirectError(err.toFile()).start();
                try {
                    assertThat(process.waitFor(ChildJvm.DEADLINE.toSeconds(), TimeUnit.SECONDS))
                            .as("%s ends in time", words).isTrue();
                    return new Ended(process.exitValue(), Files.readString(out), Files.readString(err));
                } finally {
                    process.destroyForcibly();
                }
            } finally {
                Files.delete(out);
                Files.delete(err);
            }
        }

        ProcessBuilder builder(List<String> words) {
            List<String> all = new ArrayList<>(CommandRunner.NO_SIGNAL_IGNORED);
            all.addAll(prefix);
            all.addAll(words);
            var builder = new ProcessBuilder(all).directory(checkout.toFile());
            builder.environment().remove("XDG_RUNTIME_DIR");
            builder.environment().put("PATH", ChildJvm.java().getParent() + ":/usr/bin:/bin");
            builder.environment().putAll(environment);
            return TAG.addTo(builder);
        }
    }

    /** The example of a user, with its files. */
    private record Server(Shell shell, List<String> options, Path pidFile, Path log) {

        List<String> words(String... subcommand) {
            List<String> words = new ArrayList<>(List.of(ChildJvm.java().toString()));
            words.addAll(QUICK);
            words.add("--enable-native-access=io.github.daemonsteps");
            words.addAll(options);
            words.addAll(List.of("--module-path", checkout.resolve("target/daemon-steps.jar") + ":"
                    + checkout.resolve("target/simple-server.jar"), "--module", "simple.server"));
            words.addAll(List.of(subcommand));
            return words;
        }

        Ended run(String... subcommand) throws IOException, InterruptedException {
            return shell.run(words(subcommand));
        }

        Started start(Path directory) throws IOException, InterruptedException {
            return started(run("start", directory.toString(), "0"));
        }

        private static Started started(Ended start) {
            assertThat(start.status()).as("%s", start).isZero();
            assertThat(start.err()).isEmpty();
            var line = STARTED.matcher(start.out());
            assertThat(line.find()).as(start.out()).isTrue();
            return new Started(Integer.parseInt(line.group(1)), line.group(2));
        }
    }

    private record Started(int pid, String url) {}

    @BeforeAll
    static void example_is_built_by_the_commands_of_its_readme() throws Exception {
        checkout = Files.createDirectory(shared.toRealPath().resolve("daemon-steps"));
        Files.createDirectory(checkout.resolve("target"));
        Files.copy(Path.of(System.getProperty("daemonsteps.jar")),
                checkout.resolve("target/daemon-steps.jar"));
        Path example = ChildJvm.baseDirectory().resolve(EXAMPLE);
        try (Stream<Path> files = Files.walk(example)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                Path copy = checkout.resolve(EXAMPLE).resolve(example.relativize(file).toString());
                Files.createDirectories(copy.getParent());
                Files.copy(file, copy);
            }
        }
        user = new OrdinaryUser(shared);
        give(checkout);
        Shell shell = new Shell(user.prefix(), Map.of());
        assertThat(shell.run(List.of("/bin/sh", "-ec", blocks("sh").getFirst())))
                .isEqualTo(new Ended(0, "", ""));
    }

    /** Gives a directory and its content to the ordinary user. */
    private static void give(Path directory) throws Exception {
        assertThat(Command.run("chown", "-R", Long.toString(user.uid()), directory.toString()).status())
                .isZero();
        assertThat(Command.run("chmod", "-R", "u+rwX,go+rX", directory.toString()).status()).isZero();
    }

    @BeforeEach
    void served_directory_has_a_file() throws IOException {
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        site = Files.createDirectory(directory.resolve("site"));
        Files.writeString(site.resolve("index.html"), "It works\n");
    }

    @AfterEach
    void no_process_is_left() throws IOException {
        List<Integer> left = TAG.processes();
        TAG.killAll();
        assertThat(left).isEmpty();
    }

    /** With both files in a directory of this test. */
    private Server server() throws IOException {
        Path files = Files.createDirectories(directory.resolve("files"));
        return new Server(new Shell(List.of(), Map.of()), List.of("-Dsimple-server.files=" + files),
                files.resolve("simple-server.pid"), files.resolve("simple-server.log"));
    }

    private Path home() throws Exception {
        Path home = Files.createDirectory(directory.resolve("home"));
        give(home);
        return home;
    }

    private static Path logIn(Path home) {
        return home.resolve(".local/state/simple-server/simple-server.log");
    }

    @Test
    void example_runs_from_start_to_stop() throws Exception {
        live(server());
    }

    @Test
    void example_runs_as_an_ordinary_user() throws Exception {
        Path home = home();
        live(new Server(new Shell(user.prefix(), Map.of("HOME", home.toString())), List.of(),
                home.resolve(".local/state/simple-server/simple-server.pid"), logIn(home)));
    }

    @Test
    void pid_file_of_ordinary_user_does_not_depend_on_a_runtime_directory() throws Exception {
        Path home = home();
        Path runtime = Files.createDirectory(directory.resolve("runtime"));
        give(runtime);
        live(new Server(
                new Shell(user.prefix(),
                        Map.of("HOME", home.toString(), "XDG_RUNTIME_DIR", runtime.toString())),
                List.of(), home.resolve(".local/state/simple-server/simple-server.pid"), logIn(home)));
        assertThat(runtime).isEmptyDirectory();
    }

    private void live(Server server) throws Exception {
        Started first = server.start(site);
        assertThat(get(first.url())).isEqualTo("It works\n");
        assertThat(server.pidFile()).hasContent(first.pid() + "\n");
        assertThat(server.run("start", site.toString(), "0"))
                .isEqualTo(new Ended(0, NAME + ": runs already, pid " + first.pid() + "\n", ""));

        Ended running = server.run("status");
        assertThat(running.status()).isZero();
        assertThat(running.out()).startsWith(NAME + ": running, pid " + first.pid() + ", since ")
                .endsWith(", pid file " + server.pidFile() + ", log " + server.log() + "\n");
        Ended json = server.run("status", "--json");
        assertThat(json.status()).isZero();
        Map<String, Object> status = Json.object(json.out());
        assertThat(status)
                .containsOnlyKeys("name", "status", "pid", "since", "pidFile", "log", "logRemoved", "reason")
                .containsEntry("name", NAME).containsEntry("status", "running")
                .containsEntry("pid", (long) first.pid())
                .containsEntry("pidFile", server.pidFile().toString())
                .containsEntry("log", server.log().toString()).containsEntry("reason", null);
        assertThat(Instant.parse((String) status.get("since"))).isBefore(Instant.now());

        Ended restart = server.run("restart", site.toString(), "0");
        assertThat(restart.out()).startsWith(NAME + ": stopped, pid " + first.pid() + "\n");
        Started second = Server.started(restart);
        assertThat(second.pid()).isNotEqualTo(first.pid());
        assertThat(Processes.hasEnded(first.pid())).isTrue();
        assertThat(get(second.url())).isEqualTo("It works\n");

        assertThat(server.run("stop"))
                .isEqualTo(new Ended(0, NAME + ": stopped, pid " + second.pid() + "\n", ""));
        assertThat(Processes.hasEnded(second.pid())).isTrue();
        assertThat(server.pidFile()).doesNotExist();
        assertThatThrownBy(() -> get(second.url())).isInstanceOf(ConnectException.class);
        String notRunning = NAME + ": not running, pid file " + server.pidFile() + "\n";
        assertThat(server.run("stop")).isEqualTo(new Ended(0, notRunning, ""));
        assertThat(server.run("status")).isEqualTo(new Ended(3, notRunning, ""));
    }

    @Test
    void killed_example_is_dead_and_can_be_started_again() throws Exception {
        Server server = server();
        int killed = server.start(site).pid();
        Processes.kill(killed);
        assertThat(server.run("status")).isEqualTo(new Ended(1,
                NAME + ": dead, and its pid file is still there: " + server.pidFile() + "\n", ""));
        Started again = server.start(site);
        assertThat(again.pid()).isNotEqualTo(killed);
        assertThat(get(again.url())).isEqualTo("It works\n");
        assertThat(server.run("stop").status()).isZero();
        assertThat(server.pidFile()).doesNotExist();
    }

    @Test
    void example_is_a_proper_daemon() throws Exception {
        Server server = server();
        List<String> start = server.words("start", site.toString(), "0");
        Path launcherFile = directory.resolve("launcher");
        Path output = directory.resolve("output");
        List<String> onTerminal = new ArrayList<>(List.of(Tool.need("setsid"), "--ctty", "--wait", "/bin/sh",
                "-c",
                "echo $$ $(tty) >\"$0\"; umask 077; exec \"$@\" 7</etc/passwd", launcherFile.toString()));
        onTerminal.addAll(start);
        Started started;
        try (var terminal = Pty.open()) {
            Process process = server.shell().builder(onTerminal).redirectInput(terminal.path().toFile())
                    .redirectOutput(output.toFile()).redirectErrorStream(true).start();
            try {
                assertThat(process.waitFor(ChildJvm.DEADLINE.toSeconds(), TimeUnit.SECONDS)).isTrue();
                started = Server.started(new Ended(process.exitValue(), Files.readString(output), ""));
            } finally {
                process.destroyForcibly();
            }
            assertThat(launcherFile).content().endsWith(" " + terminal.path() + "\n");
        } // hangs up
        int pid = started.pid();
        awaitNoPipe(pid);
        ProcessState daemon = ProcessState.of(pid);
        int launcher = Integer.parseInt(Files.readString(launcherFile).split(" ")[0]);
        assertThat(daemon.ppid()).isNotEqualTo(launcher);
        assertThat(Processes.hasEnded(launcher)).isTrue();
        assertThat(daemon.sid()).isNotEqualTo(launcher).isEqualTo(daemon.pgid());
        assertThat(daemon.isSessionLeader()).isFalse();
        assertThat(daemon.isGroupLeader()).isFalse();
        assertThat(daemon.tty()).isNull();
        assertThat(daemon.terminal()).isZero();
        assertThat(daemon.cwd()).isEqualTo("/");
        assertThat(daemon.umask()).isEqualTo(FileMode.of(027));
        assertThat(daemon.blocked()).isEqualTo(SignalSet.NONE);
        assertThat(daemon.ignored()).isEqualTo(SignalSet.NONE);
        assertThat(ProbeRun.withoutDumpFiles(commandLine(pid))).isEqualTo(start);
        assertThat(inSession(daemon.sid())).containsExactly(pid);

        Map<Integer, String> open = new TreeMap<>(daemon.fds());
        assertThat(List.of(open.remove(0), open.remove(1), open.remove(2)))
                .containsExactly("/dev/null", server.log().toString(), server.log().toString());
        assertThat(open.values()).containsOnlyOnce(server.pidFile().toString());
        open.values().remove(server.pidFile().toString());
        Path javaHome = Path.of(System.getProperty("java.home")).toRealPath();
        assertThat(open.values()).allMatch(file -> file.startsWith(javaHome + "/lib/")
                || file.startsWith(checkout.resolve("target") + "/") || file.startsWith("socket:")
                || file.startsWith("anon_inode:[event"));
        assertThat(get(started.url())).isEqualTo("It works\n");
        assertThat(server.run("stop").status()).isZero();
    }

    /** The daemon closes the readiness descriptor a moment later. */
    private static void awaitNoPipe(int pid) throws Exception {
        Await.until(
                () -> ProcessState.of(pid).fds().values().stream()
                        .noneMatch(file -> file.startsWith("pipe:")),
                () -> "the word to the launcher is not closed");
    }

    private static List<String> commandLine(int pid) throws IOException {
        String words = Files.readString(Path.of("/proc", Integer.toString(pid), "cmdline"));
        return Arrays.asList(words.substring(0, words.length() - 1).split("\0", -1));
    }

    private static List<Integer> inSession(int sid) throws IOException {
        List<Integer> members = new ArrayList<>();
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            for (Path process : processes) {
                ProcessStat.read(process.resolve("stat"))
                        .filter(stat -> stat.sid() == sid && !stat.hasEnded())
                        .ifPresent(stat -> members.add(stat.pid()));
            }
        }
        return members;
    }

    @Test
    void rotation_of_log_loses_no_line() throws Exception {
        int rotations = 5;
        Server server = server();
        Started started = server.start(site);
        var enough = new AtomicBoolean();
        CompletableFuture<Integer> requests = CompletableFuture.supplyAsync(() -> request(started, enough));
        List<Path> files = new ArrayList<>();
        try {
            for (int i = 1; i <= rotations; i++) {
                Await.until(() -> Files.readString(server.log()).contains("?n="),
                        () -> "no request in the log");
                files.add(Files.move(server.log(), server.log().resolveSibling("simple-server.log." + i)));
                assertThat(server.run("reload"))
                        .isEqualTo(new Ended(0, NAME + ": asked to reload, pid " + started.pid() + "\n", ""));
                Await.until(() -> Files.exists(server.log()), () -> "the log is not opened anew");
            }
            Await.until(() -> Files.readString(server.log()).contains("serving"),
                    () -> "the last reload is not done");
        } finally {
            enough.set(true);
        }
        int sent = requests.get(ChildJvm.DEADLINE.toSeconds(), TimeUnit.SECONDS);
        assertThat(server.run("stop").status()).isZero(); // after the requests in progress

        files.add(server.log());
        List<String> lines = new ArrayList<>();
        for (Path file : files) {
            List<String> own = Files.readAllLines(file);
            assertThat(own).as("%s", file).anyMatch(line -> line.contains("?n="));
            lines.addAll(own);
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                    .isEqualTo("rw-r-----");
        }
        Pattern request = Pattern
                .compile("127\\.0\\.0\\.1 - - \\[[^]]+] \"GET /index\\.html\\?n=(\\d+) HTTP/1\\.1\" 200 -");
        assertThat(lines.stream().filter(line -> !request.matcher(line).matches()))
                .hasSize(1 + rotations).containsOnly("serving " + site);
        assertThat(lines.stream().map(request::matcher).filter(line -> line.matches())
                .map(line -> Integer.valueOf(line.group(1))))
                .containsExactlyElementsOf(IntStream.range(0, sent).boxed().toList());
    }

    /** Numbers its requests from 0, and returns their number. */
    private static int request(Started server, AtomicBoolean enough) {
        try {
            int n = 0;
            do {
                get(server.url() + "index.html?n=" + n++);
            } while (!enough.get());
            return n;
        } catch (IOException failed) {
            throw new AssertionError(failed);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            ''         | give a directory and a port, not []
            / 0 more   | give a directory and a port, not [/, 0, more]
            site 0     | the path must be absolute and lead to a directory, unlike 'site'
            /nope 0    | the path must be absolute and lead to a directory, unlike '/nope'
            / 65536    | the port is a number from 0 to 65535, not '65536'
            / http     | the port is a number from 0 to 65535, not 'http'
            """)
    void example_with_invalid_arguments_reports_them(String arguments, String why) throws Exception {
        List<String> subcommand = new ArrayList<>(List.of("start"));
        Stream.of(arguments.split(" ")).filter(word -> !word.isEmpty()).forEach(subcommand::add);
        assertDoesNotStart(server(), why, subcommand.toArray(String[]::new));
    }

    @Test
    void example_does_not_start_on_a_port_in_use() throws Exception {
        try (var taken = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
            assertDoesNotStart(server(), "Address already in use", "start", site.toString(),
                    Integer.toString(taken.getLocalPort()));
        }
    }

    private static void assertDoesNotStart(Server server, String why, String... subcommand) throws Exception {
        Ended start = server.run(subcommand);
        assertThat(start.status()).isEqualTo(1);
        assertThat(start.out()).isEmpty();
        assertThat(start.err()).startsWith(NAME + ": not started: " + why + "\n");
        assertThat(TAG.processes()).isEmpty();
        assertThat(server.pidFile()).doesNotExist();
        assertThat(server.run("status").status()).isEqualTo(3);
    }

    @Test
    void example_runs_in_the_foreground() throws Exception {
        Server server = server();
        try (var jvm = ChildJvm.start(server.shell().builder(server.words("run", site.toString(), "0")))) {
            assertThat(jvm.line()).isEqualTo("serving " + site);
            String ready = jvm.line();
            String start = NAME + ": ready: listening on ";
            assertThat(ready).startsWith(start);
            assertThat(get(ready.substring(start.length()))).isEqualTo("It works\n");
            assertThat(jvm.line()).contains("\"GET / HTTP/1.1\" 200");
            assertThat(server.run("status").out()).startsWith(NAME + ": running, pid " + jvm.pid() + ",");
            Processes.signal(jvm.pid(), Signal.SIGHUP);
            assertThat(jvm.line()).isEqualTo("serving " + site);
            Processes.signal(jvm.pid(), Signal.SIGTERM);
            assertThat(jvm.rest()).isEmpty();
            assertThat(jvm.status()).isZero();
            assertThat(server.log()).doesNotExist();
            assertThat(server.run("stop").out())
                    .isEqualTo(NAME + ": not running, pid file " + server.pidFile() + "\n");
        }
    }

    /** Runs each command of the README and compares the output. */
    @Test
    void readme_of_example_shows_the_real_output() throws Exception {
        Tool.need("curl");
        Path home = home();
        Shell shell = new Shell(user.prefix(), Map.of("HOME", home.toString()));
        String port = Integer.toString(FreePort.find());
        Map<String, String> names = Map.of(port, "8080", home.toString(), "/home/ada",
                checkout.toString(), "/home/ada/daemon-steps");
        var session = new StringBuilder(blocks("sh").get(1));
        String steps = String.join("", blocks("console"));
        assertThat(steps).startsWith("$ ");
        for (String step : steps.substring(2).split("\n\\$ ")) {
            String command = step.lines().findFirst().orElseThrow().replace("8080", port);
            String output = String.join("\n", step.lines().skip(1).toList());
            if (command.startsWith("log=")) {
                session.append(command).append('\n');
            } else {
                assertShows(output, command, names, () -> shell.run(
                        List.of("/bin/sh", "-c", session + command)));
            }
        }
    }

    /** The effect of a reload comes a moment later, so it is checked until it is there. */
    private static void assertShows(String output, String command, Map<String, String> names,
            Callable<Ended> run) throws Exception {
        boolean onlyLooks = command.startsWith("cat ");
        Await.until(() -> {
            Ended ended = run.call();
            String real = ended.out();
            for (Map.Entry<String, String> name : names.entrySet()) {
                real = real.replace(name.getKey(), name.getValue());
            }
            boolean same = general(real.strip()).equals(general(output));
            if (!onlyLooks) {
                assertThat(ended.err()).as(command).isEmpty();
                assertThat(same).as("%s: %s, and not %s", command, real, output).isTrue();
            }
            return same;
        }, () -> "'" + command + "' does not show it");
    }

    /** Returns the output without the parts that differ from run to run. */
    private static String general(String output) {
        return output.replaceAll("pid \\d+", "pid").replaceAll("since \\S+,", "since")
                .replaceAll("\\[[^]]*]", "[]");
    }

    /** The blocks of the README in this language. */
    private static List<String> blocks(String language) throws IOException {
        String readme = Files.readString(ChildJvm.baseDirectory().resolve(EXAMPLE).resolve("README.md"));
        return Pattern.compile("^```" + language + "\n(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL)
                .matcher(readme).results().map((MatchResult block) -> block.group(1)).toList();
    }

    private static String get(String url) throws IOException {
        return HttpAnswer.get(url).body();
    }
}
