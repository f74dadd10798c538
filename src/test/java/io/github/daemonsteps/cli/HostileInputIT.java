package io.github.daemonsteps.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daemonsteps.daemon.Daemon;
import io.github.daemonsteps.daemon.Readiness;
import io.github.daemonsteps.posix.Processes;
import io.github.daemonsteps.process.ProcessState;
import io.github.daemonsteps.process.Program;
import io.github.daemonsteps.testing.Checkout;
import io.github.daemonsteps.testing.CommandRunner;
import io.github.daemonsteps.testing.Json;
import io.github.daemonsteps.testing.Tool;
import io.github.daemonsteps.testkit.CommandResult;
import io.github.daemonsteps.testkit.Daemons;
import io.github.daemonsteps.testkit.Launcher;
import io.github.daemonsteps.testkit.TestDirectory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Hostile arguments under a locale of plain ASCII: as many and as long as the kernel takes, of any bytes.
 * In this test and in the results, a character stands for a byte, as in ISO 8859-1.
 */
@Daemons
class HostileInputIT {

    /**
     * Executes the arguments in a file, with a NUL after each. With a larger stack the kernel takes more of
     * them.
     */
    private static final String TYPIST = """
            import errno, os, resource, sys
            hard = resource.getrlimit(resource.RLIMIT_STACK)[1]
            wanted = 64 << 20
            resource.setrlimit(resource.RLIMIT_STACK, (wanted if hard == -1 else min(wanted, hard), hard))
            words = open(sys.argv[1], 'rb').read().split(b'\\0')[:-1]
            try:
                os.execv(words[0], words)
            except OSError as failed:
                sys.exit(77 if failed.errno == errno.E2BIG else str(failed))
            """;

    private static final int TOO_LONG = 77;

    /**
     * A line break, a sequence that sets a colour and one that clears, each also as a single C1 character;
     * not UTF-8.
     */
    private static final String EVIL = "a\nb\u001b[31m\u00c2\u009b2J\u001b]0;t\u0007\r\u007f\u00ff";

    /** The longest single argument: MAX_ARG_STRLEN without its NUL. */
    private static final int LONGEST = (128 << 10) - 1;

    private static final String REST = "kill -STOP $$";

    private Path directory;
    private CommandRunner runner;

    @BeforeEach
    void open(Launcher launcher, TestDirectory testDirectory) {
        directory = testDirectory.path();
        runner = new CommandRunner(launcher, directory).with("LC_ALL", "C");
    }

    private CommandResult typed(Stream<String> words) throws Exception {
        return typed(words.toList());
    }

    private CommandResult typed(List<String> words) throws Exception {
        Path file = Files.createTempFile("typed", ".words");
        try {
            Files.writeString(file, String.join("\0", words) + "\0", StandardCharsets.ISO_8859_1);
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
            CommandResult run = runner.run(List.of(Tool.need("python3"), "-c", TYPIST, file.toString()));
            Assumptions.assumeTrue(run.status() != TOO_LONG,
                    "the hard limit of the stack does not allow as many arguments");
            return run;
        } finally {
            Files.delete(file);
        }
    }

    private CommandResult command(String... words) throws Exception {
        return typed(Stream.concat(Stream.of(CommandRunner.COMMAND), Arrays.stream(words)));
    }

    private static String[] start(String... command) {
        return Stream.concat(Stream.of("start", "--name", "d", "--pid-file", "d.pid", "--log", "d.log", "--"),
                Arrays.stream(command)).toArray(String[]::new);
    }

    private int pid(String file) throws Exception {
        // By a shell: this JVM cannot name every file.
        CommandResult read = typed(List.of("/bin/sh", "-c", "cat -- \"$0\"", file));
        assertThat(read.status()).as("%s", read).isZero();
        return Integer.parseInt(read.out().strip());
    }

    private static String ofProcess(int pid, String file) throws IOException {
        return Files.readString(Path.of("/proc/" + pid + "/" + file), StandardCharsets.ISO_8859_1);
    }

    private static void assertIsOneHarmlessLine(String text) {
        assertThat(text).endsWith("\n").satisfies(HostileInputIT::steersNothing);
        assertThat(text.lines()).hasSize(1);
    }

    /** A C1 byte is harmless only inside a longer character, and these tests have no such character. */
    private static void steersNothing(String text) {
        assertThat(text.chars().filter(c -> c != '\n' && Character.isISOControl(c)))
                .as("%s", text).isEmpty();
    }

    static Stream<List<String>> words() {
        String everyByte = IntStream.rangeClosed(1, 255).mapToObj(Character::toString)
                .reduce("", String::concat);
        return Stream.of(
                Collections.nCopies(100_000, "twenty-one characters"),
                Collections.nCopies(17, "x".repeat(LONGEST)),
                Collections.nCopies(200_000, ""),
                List.of("x".repeat(LONGEST), "", "\u00ff".repeat(LONGEST), "--", "-x", ""),
                List.of(everyByte, EVIL, "\u00c3\u00a9", "\u00c3", "\u00ed\u00a0\u0080", "\n", "\\", "'",
                        "\"", "*"));
    }

    @ParameterizedTest
    @MethodSource("words")
    void arguments_of_daemon_keep_their_bytes(List<String> words) throws Exception {
        List<String> program = new ArrayList<>(List.of("/bin/sh", "-c", REST));
        program.addAll(words);
        CommandResult start = command(start(program.toArray(String[]::new)));
        assertThat(start.err()).isEmpty();
        int pid = pid("d.pid");
        assertThat(start).isEqualTo(new CommandResult(0, "d: started, pid " + pid + "\n", ""));
        assertThat(ofProcess(pid, "cmdline").equals(String.join("\0", program) + "\0"))
                .as("they are the same").isTrue();
        runner.killDaemon("d.pid");
    }

    @ParameterizedTest
    @ValueSource(strings = {"run", "nohup"})
    void arguments_of_run_and_nohup_keep_their_bytes(String subcommand) throws Exception {
        List<String> words = List.of("x".repeat(LONGEST), "", EVIL, "\u00ff", "--", "-x");
        List<String> program =
                new ArrayList<>(List.of("/bin/sh", "-c", "cat /proc/$$/cmdline >OUT; kill -9 $$"
                        .replace("OUT", directory.resolve("out").toString())));
        program.addAll(words);
        command(Stream.concat(Stream.of(subcommand, "--"), program.stream()).toArray(String[]::new));
        runner.processes().forEach(Processes::awaitEnd);
        assertThat(Files.readString(directory.resolve("out"), StandardCharsets.ISO_8859_1)
                .equals(String.join("\0", program) + "\0")).as("they are the same").isTrue();
    }

    @Test
    void variables_keep_their_bytes() throws Exception {
        runner.with("PLAIN", "as it was");
        String huge = "HUGE=" + "\u00ff".repeat(LONGEST - 5);
        CommandResult start = command("start", "--name", "d", "--pid-file", "d.pid", "--log", "d.log",
                "--env", huge,
                "--env",
                "EVIL=" + EVIL, "--env=EMPTY=", "--env", "EQUAL==", "--env", "\u00ff=x", "--", "sh", "-c",
                REST);
        assertThat(start.err()).isEmpty();
        int pid = pid("d.pid");
        List<String> variables = Arrays.asList(ofProcess(pid, "environ").split("\0"));
        assertThat(variables).contains("PLAIN=as it was", "EVIL=" + EVIL, "EMPTY=", "EQUAL==", "\u00ff=x");
        assertThat(variables.contains(huge)).isTrue();
        runner.killDaemon("d.pid");
    }

    @Test
    void file_of_any_name_is_used_and_shown_escaped() throws Exception {
        CommandResult made = typed(List.of("/bin/sh", "-c", "mkdir -- \"$0\" && cp /bin/sh \"$0\"", EVIL));
        assertThat(made.status()).as("%s", made).isZero();
        String log = EVIL + "/" + EVIL;
        String pidFile = EVIL + "/" + EVIL + ".pid";
        String[] options = {"--name", "d", "--pid-file", pidFile, "--log", log, "--error-log", log + ".err",
            "--chdir", EVIL};
        CommandResult plan = command(concat(List.of("plan"), options, "--", EVIL + "/sh"));
        assertThat(plan.status()).isZero();
        steersNothing(plan.out());
        assertThat(plan.out()).contains("- PID_FILE ", "a\\nb\\x1b[31m", "chdir(\"");

        CommandResult start =
                command(concat(List.of("start"), options, "--", EVIL + "/sh", "-c", REST, EVIL));
        int pid = pid(pidFile);
        assertThat(start.status()).isZero();
        assertThat(start.out()).isEqualTo("d: started, pid " + pid + "\n");
        assertThat(start.err().lines()).as("the argument names the directory here").singleElement().asString()
                .startsWith("daemon-steps: warning: the argument ");
        steersNothing(start.err());
        assertThat(ofProcess(pid, "cmdline")).isEqualTo(EVIL + "/sh\0-c\0" + REST + "\0" + EVIL + "\0");
        assertThat(command("status", "--name", "d", "--pid-file", pidFile, "--quiet"))
                .isEqualTo(new CommandResult(0, "", ""));
        CommandResult stop = command("stop", "--name", "d", "--pid-file", pidFile, "--timeout", "1ms");
        assertThat(stop.out()).startsWith("d: stopped, pid " + pid);
        CommandResult failed = command(concat(List.of("start"), options, "--", EVIL + "/sh", "-c",
                "printf '\\033[31m\\302\\2332J\\377\\rtwo\\n' >&2; exit 3"));
        assertThat(failed.status()).isEqualTo(1);
        assertThat(failed.err().lines()).as("with the log's last two").hasSize(4);
        steersNothing(failed.err());
        CommandResult dead = command("status", "--name", "d", "--pid-file", pidFile);
        assertThat(dead.status()).isEqualTo(3);
        assertThat(dead.err()).isEmpty();
        assertThat(dead.out()).startsWith("d: not running, pid file " + directory + "/a\\x0ab\\x1b[31m")
                .endsWith(".pid\n");
        steersNothing(dead.out());
    }

    private static String[] concat(List<String> first, String[] second, String... third) {
        return Stream.of(first.toArray(String[]::new), second, third).flatMap(Arrays::stream)
                .toArray(String[]::new);
    }

    @Test
    void file_name_of_maximum_length_is_used() throws Exception {
        String pidFile = "p".repeat(255);
        String log = "l".repeat(255);
        CommandResult start =
                command("start", "--name", "n".repeat(100), "--pid-file", pidFile, "--log", log, "--",
                        "sleep", "300");
        assertThat(start)
                .isEqualTo(
                        new CommandResult(0, "n".repeat(100) + ": started, pid " + pid(pidFile) + "\n", ""));
        assertThat(directory.resolve(log)).isEmptyFile();
        assertThat(command("stop", "--name", "x", "--pid-file", pidFile).status()).isZero();
        assertThat(directory.resolve(pidFile)).doesNotExist();
    }

    @Test
    void status_shows_a_file_of_any_name_in_one_escaped_line() throws Exception {
        command(concat(List.of("start", "--name", "d", "--pid-file", EVIL, "--log", EVIL + ".log"),
                new String[]{"--", "sleep", "300"}));
        int pid = pid(EVIL);
        CommandResult running = command("status", "--name", "d", "--pid-file", EVIL);
        assertThat(running.status()).isZero();
        assertIsOneHarmlessLine(running.out());
        assertThat(running.out()).startsWith("d: running, pid " + pid + ",").contains("\\x0ab\\x1b[31m");
        CommandResult json = command("status", "--name", "d", "--pid-file", EVIL, "--json");
        assertIsOneHarmlessLine(json.out());
        assertThat(Json.object(json.out())).isNotEmpty();
        Processes.kill(pid);
        CommandResult dead = command("status", "--name", "d", "--pid-file", EVIL);
        assertThat(dead.status()).isEqualTo(1);
        assertIsOneHarmlessLine(dead.out());
        assertThat(command("stop", "--name", "d", "--pid-file", EVIL).status()).isZero();
    }

    static Stream<List<Object>> refused() {
        String tooLongAName = "x".repeat(256);
        String tooLongAPath = "x/".repeat(2048);
        String longest = "x".repeat(LONGEST);
        Stream.Builder<List<Object>> all = Stream.builder();
        for (String word : List.of(EVIL, longest)) {
            all.add(List.of(2, word));
            all.add(List.of(2, "start", word));
            all.add(List.of(2, "start", "-" + word.substring(1)));
            all.add(List.of(2, "start", "--json=" + word.substring(7 * word.length() / LONGEST), "--",
                    "true"));
            all.add(List.of(2, "stop", "--name", "d", "--", word));
            all.add(List.of(2, "start", "--umask", word, "--", "true"));
            all.add(List.of(2, "start", "--timeout", word, "--", "true"));
            all.add(List.of(2, "start", "--ready", word, "--", "true"));
            all.add(List.of(2, "start", "--ready", "fd:" + word.substring(3 * word.length() / LONGEST), "--",
                    "true"));
            all.add(List.of(2, "start", "--keep-fd", word, "--", "true"));
            all.add(List.of(2, "start", "--env", word, "--", "true"));
            all.add(List.of(5, "start", "--name", "d", "--pid-file", "d.pid", "--log", "d.log", "--", word));
            all.add(List.of(5, "nohup", "--", word));
            all.add(List.of(5, "run", "--", word));
            all.add(List.of(1, "start", "--name", "d", "--pid-file", "d.pid", "--log", "d.log", "--chdir",
                    word, "--",
                    "true"));
            all.add(List.of(1, "run", "--chdir", word, "--", "true"));
        }
        for (String name : List.of(EVIL, "a\nb", "a\u001bb", "a\u00c2\u0085b", "\u00ff", "", ".", "..", "-x",
                "/", "a/b",
                "x".repeat(101), "x".repeat(255), longest)) {
            all.add(List.of(2, "start", "--name", name, "--", "true"));
        }
        for (String path : List.of(tooLongAName, tooLongAPath, longest, EVIL + "/" + EVIL)) {
            all.add(List.of(1, "start", "--name", "d", "--pid-file", path, "--log", "d.log", "--", "true"));
            all.add(List.of(1, "start", "--name", "d", "--pid-file", "d.pid", "--log", path, "--", "true"));
            all.add(List.of(1, "start", "--name", "d", "--pid-file", "d.pid", "--log", "/dev/null",
                    "--error-log", path,
                    "--", "true"));
        }
        return all.build();
    }

    @ParameterizedTest
    @MethodSource("refused")
    void impossible_request_is_refused_in_one_escaped_line(List<Object> statusAndWords)
            throws Exception {
        List<String> words = statusAndWords.stream().skip(1).map(String::valueOf).toList();
        CommandResult run = command(words.toArray(String[]::new));
        assertThat(run.status()).as(run.err()).isEqualTo(statusAndWords.getFirst());
        assertThat(run.out()).isEmpty();
        assertIsOneHarmlessLine(run.err());
        assertThat(run.err()).startsWith("daemon-steps: ");
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void daemon_with_hostile_name_and_home_is_managed_by_an_ordinary_user()
            throws Exception {
        // The maximum length of a file name in bytes, and of a daemon's name in characters.
        String name = "\u00c3\u00a9".repeat(99) + "x";
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        String copy = Checkout.built(directory.resolve("checkout")).script().toString();
        boolean root = ProcessState.ofThisProcess().uid() == 0;
        // Directories on the path to the user's files must be the user's own.
        String script = "unset XDG_RUNTIME_DIR; HOME=$HOME/$1; shift; mkdir -p -m 700 -- \"$HOME\" && "
                + (root
                        ? "chown 65534 -- \"$HOME\" && exec setpriv --reuid=65534 --regid=65534 --clear-groups "
                        : "exec ")
                + "\"$0\" \"$@\"";
        CommandResult start = typed(Stream.of("/bin/sh", "-c", script, copy, EVIL, "start", "--name", name,
                "--", "sleep",
                "300"));
        assertThat(start.status()).as("%s", start).isZero();
        assertThat(start.out()).contains(": started, pid ");
        for (String subcommand : List.of("status", "stop")) {
            CommandResult run =
                    typed(Stream.of("/bin/sh", "-c", script, copy, EVIL, subcommand, "--name", name));
            assertThat(run.status()).as("%s", run).isZero();
            assertThat(run.out().lines()).hasSize(1);
            assertThat(run.out().chars().filter(c -> c < ' ' && c != '\n')).isEmpty();
        }
        assertThat(runner.processes()).isEmpty();
    }

    @Test
    void start_with_too_many_arguments_is_refused_and_leaves_nothing() throws Exception {
        // In this JVM: a command line cannot be as long.
        var daemon = Daemon.named("d").pidFile(directory.resolve("d.pid"))
                .log(directory.resolve("d.log"));
        for (String[] words : List.of(new String[]{"x".repeat(LONGEST + 1)},
                new String[]{"x".repeat(9 << 20)},
                Collections.nCopies(80, "x".repeat(LONGEST)).toArray(String[]::new),
                Collections.nCopies(1_000_000, "").toArray(String[]::new))) {
            var result = daemon.start(Program.of("/bin/true", words),
                    Readiness.aliveAfter());
            assertThat(result.message()).startsWith("d: not started: EXEC: execve(\"/bin/true\", ")
                    .endsWith("Argument list too long (E2BIG, 7)").doesNotContain("\n");
            assertThat(directory.resolve("d.pid")).doesNotExist();
        }
    }
}
