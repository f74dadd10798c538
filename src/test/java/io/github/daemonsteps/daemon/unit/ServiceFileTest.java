package io.github.daemonsteps.daemon.unit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.daemonsteps.daemon.KillMode;
import io.github.daemonsteps.daemon.config.DaemonConfig;
import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.FileMode;
import io.github.daemonsteps.posix.Signal;
import io.github.daemonsteps.process.Program;
import io.github.daemonsteps.steps.extra.ListenSocket;
import io.github.daemonsteps.testing.VerifiedUnit;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The unit of a service, as systemd itself reads it. */
class ServiceFileTest {

    private static final CString NOT_UTF_8 = CString.ofBytes(new byte[]{'a', (byte) 0xff, (byte) 0xc3, 'b'});

    /** Arguments that have a meaning in a unit file, unless they are quoted. */
    private static final List<CString> HOSTILE = Stream.concat(
            Stream.of("", " ", "a b", " a ", "%", "%%", "%n%H", "$", "$$", "$HOME", "${HOME}", "a$HOME",
                    "$$HOME", "\\",
                    "\\\\", "a\\", "\\n", "\\x41", "\"", "'", "\"a b\"", "it's", "new\nline", "\n", "a\\\n",
                    "\t", "\r",
                    "\u0001\u001b[31m\u007f", ";", "a;b", "#", "-", "--", "@x", "+x", "!x", ":x", "|x",
                    "`id`", "&", "é",
                    "日本", "\u0085", "\u202e", "{a,b}", "*", "~", "[Service]", "x=y", "\u00a0")
                    .map(CString::of),
            Stream.of(NOT_UTF_8)).toList();

    @TempDir
    private Path directory;

    private static DaemonConfig.Draft draft() {
        return DaemonConfig.of("d").draft();
    }

    private static Program program(String path, List<CString> arguments) {
        return program(CString.of(path), arguments);
    }

    private static Program program(CString path, List<CString> arguments) {
        List<CString> vector = new ArrayList<>(List.of(CString.of("other")));
        vector.addAll(arguments);
        return new Program(path, vector, CString.listOf("JAVA_TOOL_OPTIONS=-Da=b", "PATH=/x"));
    }

    private static CString unit(DaemonConfig.Draft draft) {
        return ServiceFile.of(draft.config(), program("/bin/sleep", CString.listOf("9")));
    }

    private VerifiedUnit verified(DaemonConfig.Draft draft, Program program) throws Exception {
        return VerifiedUnit.of(directory, ServiceFile.of(draft.config(), program));
    }

    private VerifiedUnit verified(DaemonConfig.Draft draft) throws Exception {
        return VerifiedUnit.of(directory, unit(draft));
    }

    @Test
    void hostile_arguments_reach_the_program_unchanged() throws Exception {
        List<CString> expected = new ArrayList<>(CString.listOf("/bin/echo"));
        expected.addAll(HOSTILE);
        assertThat(verified(draft(), program("/bin/echo", HOSTILE)).arguments()).isEqualTo(expected);
    }

    static List<CString> programs() {
        return List.of(CString.of("a b"), CString.of("a%n"), CString.of("a$HOME"), CString.of("it's"),
                CString.of("a\"b"), CString.of("a\\b"), CString.of("a\nb"), CString.of("é"), CString.of(";"),
                NOT_UTF_8);
    }

    /** The words before the program are those of a shell that executes its arguments. */
    @ParameterizedTest
    @MethodSource("programs")
    void program_with_hostile_path_is_executed(CString name) throws Exception {
        Path file = directory.toRealPath().resolve("p");
        CString path = CString.of(file.getParent()).resolve(name);
        Files.copy(Path.of("/bin/echo"), path.toPath());
        List<CString> words =
                verified(draft(), program(path, CString.listOf("$a", "b"))).arguments();
        List<CString> ofProgram = List.of(path, CString.of("$a"), CString.of("b"));
        List<CString> ofShell = new ArrayList<>(CString.listOf("/bin/sh", "-c", "exec \"$0\" \"$@\""));
        ofShell.addAll(ofProgram);
        assertThat(words).isIn(ofProgram, ofShell);
    }

    @Test
    void variable_that_a_unit_cannot_set_is_set_by_env() throws Exception {
        DaemonConfig.Draft draft = draft();
        draft.variables
                .addAll(CString.listOf("A=b c", "spring.profiles.active=x", "Q=\"'\\ %n $HOME é", "E="));
        draft.variables.add(CString.of("N=").plus(NOT_UTF_8));
        VerifiedUnit unit = verified(draft, program("/bin/sleep", CString.listOf("9")));
        assertThat(unit.arguments()).containsExactly(CString.of("/usr/bin/env"),
                CString.of("spring.profiles.active=x"), CString.of("N=").plus(NOT_UTF_8),
                CString.of("/bin/sleep"),
                CString.of("9"));
        assertThat(unit.values("Environment")).containsExactlyInAnyOrder(
                CString.of("A=b c"), CString.of("Q=\"'\\ %n $HOME é"), CString.of("E="));
    }

    @Test
    void program_that_env_would_take_for_a_variable_is_refused() {
        DaemonConfig.Draft draft = draft();
        draft.variables.add(CString.of("a.b=c"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ServiceFile.of(draft.config(), program("/a=b", List.of())))
                .withMessage(
                        "program \"/a=b\": env(1) takes it for a variable, and only env can set \"a.b=c\";"
                                + " choose a path without an equals sign");
    }

    @Test
    void settings_are_those_of_the_configuration() throws Exception {
        Path odd = Files.createDirectory(directory.toRealPath().resolve("a 'b' \"c\" %n $d \\e"));
        DaemonConfig.Draft draft = draft();
        draft.ownLog = CString.of(odd.resolve("l o%g"));
        draft.ownErrorLog = CString.of(odd.resolve("err"));
        draft.directory = CString.of(odd);
        draft.umask = FileMode.of(077);
        draft.user = CString.of("daemon:mail");
        draft.noCoreDumps = true;
        draft.openFiles = 100L;
        draft.startTimeout = Duration.ofMillis(90_500);
        draft.stopTimeout = Duration.ofMinutes(2);
        draft.stopSignal = Signal.SIGQUIT;
        draft.killMode = KillMode.GROUP;
        VerifiedUnit unit = verified(draft);
        Map.of("StandardOutputFileToAppend", draft.ownLog, "StandardErrorFileToAppend", draft.ownErrorLog,
                "WorkingDirectory", draft.directory, "ReadWritePaths", draft.directory).forEach(
                        (name, value) -> assertThat(unit.values(name)).as(name).containsExactly(value));
        Map.of("UMask", "0077", "User", "daemon", "Group", "mail", "LimitCORE", "0", "LimitNOFILE", "524288",
                "LimitNOFILESoft", "100", "TimeoutStopSec", "2min", "KillSignal", "SIGQUIT", "KillMode",
                "control-group")
                .forEach((name, value) -> assertThat(unit.values(name)).as(name)
                        .containsExactly(CString.of(value)));
        assertThat(unit(draft).toString()).contains("\nTimeoutStartSec=90500ms\n",
                "\nCapabilityBoundingSet=\n",
                "\nProtectSystem=strict\n", "\nNoNewPrivileges=yes\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/a\nb", "/a\tb", "/a\\", "/a ", "/a/../b", "/\u009b"})
    void path_that_a_unit_cannot_have_is_refused(String path) {
        DaemonConfig.Draft draft = draft();
        draft.ownLog = CString.of(path);
        assertThatIllegalArgumentException().isThrownBy(() -> unit(draft)).withMessageStartingWith("log \"/");
        draft.ownLog = null;
        draft.directory = CString.of(path);
        assertThatIllegalArgumentException().isThrownBy(() -> unit(draft))
                .withMessageStartingWith("working directory \"/");
    }

    @Test
    void program_is_ready_once_executed_and_writes_to_the_journal() {
        assertThat(unit(draft()).toString().lines()).contains("Type=exec", "StandardOutput=journal",
                "Restart=on-failure", "ProtectHome=yes", "PrivateTmp=yes").noneMatch(
                        line -> line.startsWith("ExecReload=") || line.startsWith("Environment=")
                                || line.startsWith("User=") || line.startsWith("CapabilityBoundingSet="));
    }

    @Test
    void application_notifies_and_reloads_by_signal_and_keeps_the_variables_of_its_jvm() {
        DaemonConfig.Draft draft = draft();
        draft.isApplication = true;
        assertThat(unit(draft).toString().lines()).contains("Type=notify", "NotifyAccess=main",
                "ExecReload=/bin/kill -HUP $MAINPID", "Environment=JAVA_TOOL_OPTIONS=-Da=b");
    }

    @Test
    void log_that_is_a_device_is_not_appended_to() {
        DaemonConfig.Draft draft = draft();
        draft.ownLog = CString.of("/dev/null");
        draft.ownErrorLog = CString.of("/dev/console");
        assertThat(unit(draft).toString().lines()).contains("StandardOutput=null", "StandardError=tty")
                .noneMatch(line -> line.startsWith("ReadWritePaths="));
    }

    /** The directories are those of {@code ProtectHome=}; see systemd.exec(5). */
    @ParameterizedTest
    @ValueSource(strings = {"/home/u/x.jar", "-Dx=/root/x", "/lib/a.jar:/run/user/1/b.jar", "a /home/u"})
    void path_below_a_home_directory_stays_visible(String argument) {
        String unit =
                ServiceFile.of(draft().config(), program("/bin/sleep", CString.listOf(argument)))
                        .toString();
        assertThat(unit.lines()).contains("ProtectHome=read-only", "PrivateTmp=yes");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/srv/home/x", "x/tmp/y", "/tmpfiles/a", "home/x"})
    void path_that_only_looks_like_a_home_directory_does_not_count(String argument) {
        String unit =
                ServiceFile.of(draft().config(), program("/bin/sleep", CString.listOf(argument)))
                        .toString();
        assertThat(unit.lines()).contains("ProtectHome=yes", "PrivateTmp=yes");
    }

    @Test
    void path_below_tmp_stays_visible() {
        DaemonConfig.Draft draft = draft();
        draft.ownLog = CString.of("/tmp/x/log");
        assertThat(unit(draft).toString().lines()).contains("PrivateTmp=no", "ProtectHome=yes");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a b", "50%", "é", "x\\", "a@b", "a\"b", "%n"})
    void name_of_daemon_is_escaped(String name) throws Exception {
        DaemonConfig.Draft draft = DaemonConfig.of(name).draft();
        assertThat(verified(draft).values("Description"))
                .containsExactly(CString.of("The daemon \"" + name + "\""));
    }

    private static DaemonConfig.Draft listening(String... sockets) {
        DaemonConfig.Draft draft = draft();
        for (String socket : sockets) {
            draft.sockets.add(ListenSocket.parse(socket));
        }
        return draft;
    }

    /** Writes all units of a daemon, and checks each together with the others. */
    private Map<String, VerifiedUnit> verifiedAll(DaemonConfig.Draft draft) throws Exception {
        Map<String, CString> units = new LinkedHashMap<>(SocketUnits.of(draft.config()));
        units.put("d.service", unit(draft));
        for (var unit : units.entrySet()) {
            Files.write(directory.resolve(unit.getKey()), unit.getValue().bytes());
        }
        Map<String, VerifiedUnit> verified = new LinkedHashMap<>();
        for (String unit : units.keySet()) {
            List<String> files = new ArrayList<>(units.keySet());
            files.remove(unit);
            files.addFirst(unit);
            verified.put(unit, VerifiedUnit.of(directory, files.toArray(String[]::new)));
        }
        return verified;
    }

    private static List<String> strings(VerifiedUnit unit, String setting) {
        return unit.values(setting).stream().map(CString::toString).toList();
    }

    @Test
    void sockets_of_each_name_have_a_unit_that_the_service_accepts() throws Exception {
        DaemonConfig.Draft draft = listening("http=127.0.0.1:8080", "http=[::1]:8080", "@abstract",
                "control=/run/d %n.sock");
        Map<String, VerifiedUnit> units = verifiedAll(draft);
        assertThat(units.keySet()).containsExactly("d-http.socket", "d.socket", "d-control.socket",
                "d.service");
        VerifiedUnit http = units.get("d-http.socket");
        assertThat(strings(http, "ListenStream")).containsExactly("127.0.0.1:8080", "[::1]:8080");
        assertThat(strings(http, "FileDescriptorName")).containsExactly("http");
        assertThat(strings(units.get("d.socket"), "ListenStream")).containsExactly("@abstract");
        assertThat(strings(units.get("d.socket"), "FileDescriptorName")).containsExactly("unknown");
        assertThat(strings(units.get("d-control.socket"), "ListenStream")).containsExactly("/run/d %n.sock");
        assertThat(unit(draft).toString().lines())
                .contains("Sockets=d-http.socket", "Sockets=d.socket", "Sockets=d-control.socket")
                .doesNotContain("StandardInput=socket");
    }

    @Test
    void socket_file_has_the_mode_and_owner_of_a_start() throws Exception {
        DaemonConfig.Draft draft = listening("a=/run/a.sock", "a=/run/b.sock,mode=600,user=mail",
                "a=/run/c.sock,group=games", "a-2=@x", "a=/run/d.sock");
        draft.user = CString.of("daemon");
        Map<String, VerifiedUnit> units = verifiedAll(draft);
        assertThat(units.keySet()).containsExactly("d-a.socket", "d-a-2.socket", "d-a-3.socket",
                "d-a-2-2.socket", "d.service");
        assertThat(SocketUnits.of(draft.config()).get("d-a.socket").toString().lines())
                .contains("ListenStream=/run/a.sock", "ListenStream=/run/d.sock", "SocketMode=0660",
                        "SocketUser=daemon", "SocketGroup=daemon");
        assertThat(SocketUnits.of(draft.config()).get("d-a-2.socket").toString().lines())
                .contains("SocketMode=0600", "SocketUser=mail", "SocketGroup=mail");
        assertThat(SocketUnits.of(draft.config()).get("d-a-3.socket").toString().lines())
                .contains("SocketMode=0660", "SocketUser=daemon", "SocketGroup=games");
        assertThat(SocketUnits.of(draft.config()).get("d-a-2-2.socket").toString())
                .contains("FileDescriptorName=a-2\n").doesNotContain("SocketMode", "SocketUser");
    }

    @Test
    void socket_on_standard_input_leaves_the_output_in_the_journal() throws Exception {
        DaemonConfig.Draft draft = listening("127.0.0.1:80");
        draft.socketOnStdin = true;
        VerifiedUnit service = verifiedAll(draft).get("d.service");
        assertThat(strings(service, "StandardInput")).containsExactly("socket");
        assertThat(strings(service, "StandardOutput")).containsExactly("journal");
        draft.sockets.clear();
        assertThatIllegalArgumentException().isThrownBy(() -> unit(draft)).withMessage(
                "descriptor 0 cannot be a socket: 0 sockets are configured; configure exactly one");
    }

    @Test
    void socket_that_systemd_cannot_bind_is_refused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SocketUnits.of(listening("127.0.0.1:0").config())).withMessage(
                        "socket 127.0.0.1:0: systemd does not choose a port; configure a port above 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SocketUnits.of(listening("/run/a\nb").config()))
                .withMessageStartingWith("socket \"/run/a\\nb\": cannot be written in a unit file");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SocketUnits.of(listening("/run/a,user=no-such-user").config()))
                .withMessageStartingWith("socket /run/a: ");
    }

    @Test
    void jvm_that_a_stop_ends_early_counts_as_a_success() {
        DaemonConfig.Draft draft = draft();
        Program java = program("/opt/jdk/bin/java", CString.listOf("-jar", "/opt/a.jar"));
        assertThat(ServiceFile.of(draft.config(), java).toString()).contains("\nSuccessExitStatus=143\n");
        draft.isApplication = true;
        assertThat(ServiceFile.of(draft.config(), java).toString()).contains("\nSuccessExitStatus=143\n");
        assertThat(unit(draft).toString()).doesNotContain("SuccessExitStatus");
    }
}
