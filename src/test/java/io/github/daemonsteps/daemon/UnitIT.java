package io.github.daemonsteps.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.testing.ChildJvm;
import io.github.daemonsteps.testing.CommandRunner;
import io.github.daemonsteps.testing.VerifiedUnit;
import io.github.daemonsteps.testkit.CommandResult;
import io.github.daemonsteps.testkit.Daemons;
import io.github.daemonsteps.testkit.Launcher;
import io.github.daemonsteps.testkit.TestDirectory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The subcommand {@code unit} of an application and of the command, as systemd reads its output. */
@Daemons
class UnitIT {

    private static final List<String> HOSTILE =
            List.of("a b", "%n", "$HOME", "\"'\\", "new\nline", "", ";");

    private Path directory;
    private CommandRunner runner;

    @BeforeEach
    void open(Launcher launcher, TestDirectory testDirectory) {
        directory = testDirectory.path();
        runner = new CommandRunner(launcher, directory);
    }

    private static CString bytes(CommandResult printed) {
        assertThat(printed.status()).as("%s", printed).isZero();
        assertThat(printed.err()).isEmpty();
        return CString.ofBytes(printed.out().getBytes(StandardCharsets.ISO_8859_1));
    }

    private List<String> application(String subcommand, List<String> options) {
        List<String> arguments = new ArrayList<>(List.of(subcommand));
        arguments.addAll(HOSTILE);
        List<String> all = new ArrayList<>(List.of("-Ddirectory=" + directory));
        all.addAll(options);
        return ChildJvm.command(all, Application.class, arguments.toArray(String[]::new));
    }

    private static List<CString> run(List<String> words) {
        List<String> run = new ArrayList<>(words);
        int subcommand = run.indexOf("unit");
        run.set(subcommand, "run");
        run.add(subcommand + 1, "--no-pid-file");
        return CString.listOf(run.toArray(String[]::new));
    }

    @Test
    void unit_of_application_executes_its_jvm_in_the_foreground() throws Exception {
        List<String> words = application("unit", List.of());
        VerifiedUnit unit = VerifiedUnit.of(directory, bytes(runner.run(words)));
        List<CString> expected = new ArrayList<>(run(words));
        if (!Files.isWritable(Path.of("/"))) { // an ordinary user, whose daemon writes its dumps elsewhere
            expected.addAll(1, CString.listOf("-XX:ErrorFile=" + directory.resolve("hs_err_pid%p.log"),
                    "-XX:HeapDumpPath=" + directory));
        }
        List<CString> actual = unit.arguments();
        assertThat(actual.subList(1, actual.size())).isEqualTo(expected.subList(1, expected.size()));
        assertThat(actual.getFirst()).isEqualTo(CString.of(ChildJvm.java().toRealPath()));
        assertThat(unit.values("Type")).containsExactly(CString.of("notify"));
        assertThat(unit.values("StandardOutputFileToAppend"))
                .containsExactly(CString.of(directory.resolve("app.log")));
    }

    @Test
    void command_line_of_unit_runs_the_application() throws Exception {
        VerifiedUnit unit = VerifiedUnit.of(directory, bytes(runner.run(application("unit", List.of()))));
        List<String> words = new ArrayList<>(unit.arguments().stream().map(CString::toString).toList());
        words.set(words.indexOf("a b"), "throws");
        CommandResult run = runner.run(words);
        assertThat(run.status()).isEqualTo(1);
        assertThat(run.err()).contains("java.io.IOException: no port");
        assertThat(directory.resolve("app.pid")).doesNotExist();
    }

    @Test
    void unit_of_a_command_line_that_start_refuses_is_refused_alike() throws Exception {
        CommandResult unit = runner.with("JAVA_TOOL_OPTIONS", "-XX:ErrorFile=relative")
                .run(application("unit", List.of()));
        CommandResult start = runner.run(application("start", List.of()));
        assertThat(unit.status()).isEqualTo(start.status()).isEqualTo(1);
        assertThat(unit.out()).isEmpty();
        String reason = unit.err().lines().toList().getLast().replaceFirst("^app: ", "");
        assertThat(start.err()).contains(reason);
    }

    @Test
    void unit_of_command_executes_the_program() throws Exception {
        List<String> words = new ArrayList<>(List.of(CommandRunner.COMMAND, "unit", "--name", "a b%", "--",
                "/bin/echo"));
        words.addAll(HOSTILE);
        VerifiedUnit unit = VerifiedUnit.of(directory, bytes(runner.run(words)));
        List<CString> expected = new ArrayList<>(CString.listOf("/bin/echo"));
        expected.addAll(CString.listOf(HOSTILE.toArray(String[]::new)));
        assertThat(unit.arguments()).isEqualTo(expected);
        assertThat(unit.values("Type")).containsExactly(CString.of("exec"));
    }

    @Test
    void unit_that_cannot_do_as_a_start_warns() throws Exception {
        CommandResult unit =
                runner.command("unit", "--user", "nobody", "--keep-env", "--ready", "fd:5", "--keep-fd", "6",
                        "--", "/bin/echo");
        assertThat(unit.status()).isZero();
        assertThat(unit.err()).isEqualTo("""
                daemon-steps: warning: --ready fd:5: a unit does not wait for a newline, and descriptor 5 is closed; \
                let the program call sd_notify(3), and set Type=notify
                daemon-steps: warning: --keep-fd 6: a unit does not have descriptors of this shell
                daemon-steps: warning: --keep-env: a unit does not have the environment of this shell; give variables \
                with --env
                """);
    }

    @Test
    void unit_that_cannot_be_written_is_reported_in_one_line() throws Exception {
        CommandResult unit = runner.command("unit", "--log", "/a\nb", "--", "/bin/echo");
        assertThat(unit.status()).isEqualTo(1);
        assertThat(unit.out()).isEmpty();
        assertThat(unit.err()).hasLineCount(1)
                .startsWith("daemon-steps: log \"/a\\nb\": cannot be written in a unit");
        assertThat(runner.command("unit", "--", "/no/such").status()).isEqualTo(5);
    }

    @Test
    void units_of_command_listen_for_the_program() throws Exception {
        String[] options =
                {"--name", "d", "--listen", "http=127.0.0.1:80", "--listen-stdin", "--", "/bin/echo"};
        Files.write(directory.resolve("d.service"), bytes(command(List.of("unit"), options)).bytes());
        CString socket = bytes(command(List.of("unit", "--socket"), options));
        assertThat(socket.toString()).startsWith("# Save as /etc/systemd/system/d-http.socket\n");
        Files.write(directory.resolve("d-http.socket"), socket.bytes());
        VerifiedUnit service = VerifiedUnit.of(directory, "d.service", "d-http.socket");
        assertThat(service.values("StandardInput")).containsExactly(CString.of("socket"));
        assertThat(VerifiedUnit.of(directory, "d-http.socket", "d.service").values("ListenStream"))
                .containsExactly(CString.of("127.0.0.1:80"));
    }

    private CommandResult command(List<String> first, String... options) throws Exception {
        List<String> words = new ArrayList<>(first);
        words.addAll(List.of(options));
        return runner.command(words.toArray(String[]::new));
    }

    @Test
    void units_of_application_are_those_of_its_sockets() throws Exception {
        CommandResult printed = runner.run(ChildJvm.command(
                List.of("-Ddirectory=" + directory, "-Dlisten=http=127.0.0.1:80 admin=@admin"),
                SocketApplication.class, "unit", "--socket"));
        assertThat(bytes(printed).toString().lines()).contains("ListenStream=127.0.0.1:80",
                "FileDescriptorName=http", "ListenStream=@admin", "FileDescriptorName=admin",
                "Service=app.service");
    }

    @Test
    void unit_socket_without_listen_is_a_usage_error() throws Exception {
        CommandResult command = runner.command("unit", "--socket", "--", "/bin/echo");
        assertThat(command.status()).isEqualTo(2);
        assertThat(command.err()).startsWith("daemon-steps: --socket: no socket is configured; give one with"
                + " --listen (see ").hasLineCount(1);
        CommandResult application = runner.run(ChildJvm.command(List.of("-Ddirectory=" + directory),
                SocketApplication.class, "unit", "--socket"));
        assertThat(application.status()).isEqualTo(2);
        assertThat(application.err())
                .isEqualTo("app: unit --socket: no socket is configured; configure one by Daemon.listen\n");
        assertThat(command.out() + application.out()).isEmpty();
    }
}
