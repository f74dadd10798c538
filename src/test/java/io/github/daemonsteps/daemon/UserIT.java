package io.github.daemonsteps.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daemonsteps.posix.Processes;
import io.github.daemonsteps.posix.Signal;
import io.github.daemonsteps.process.ProcessState;
import io.github.daemonsteps.steps.extra.DropPrivileges;
import io.github.daemonsteps.testing.Await;
import io.github.daemonsteps.testing.ChildJvm;
import io.github.daemonsteps.testing.Command;
import io.github.daemonsteps.testing.CommandRunner;
import io.github.daemonsteps.testing.Tool;
import io.github.daemonsteps.testkit.CommandResult;
import io.github.daemonsteps.testkit.Daemons;
import io.github.daemonsteps.testkit.Launcher;
import io.github.daemonsteps.testkit.Pty;
import io.github.daemonsteps.testkit.TestDirectory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Daemons of an ordinary user that root starts. */
@Daemons
class UserIT {

    private static final int NOBODY = 65_534;

    private Path directory;
    private CommandRunner runner;

    @BeforeEach
    void open(Launcher launcher, TestDirectory testDirectory) throws Exception {
        directory = testDirectory.path();
        Assumptions.assumeTrue(DropPrivileges.isPermitted(), "only root can start daemons as another user");
        runner = new CommandRunner(launcher, directory);
    }

    private CommandResult start(String options, String script) throws Exception {
        List<String> words = new ArrayList<>(List.of("start", "--name", "d", "--pid-file",
                runner.file("d.pid"), "--log", runner.file("d.log")));
        words.addAll(List.of(options.split(" ")));
        words.addAll(List.of("--", "/bin/sh", "-c", script));
        return runner.command(words.toArray(String[]::new));
    }

    private CommandResult stop() throws Exception {
        return runner.command("stop", "--pid-file", runner.file("d.pid"));
    }

    private List<String> log() throws Exception {
        return Files.readAllLines(directory.resolve("d.log"));
    }

    private static Object owner(Path file) throws Exception {
        return Files.getAttribute(file, "unix:uid");
    }

    /** A copy of the jar: the checkout may be closed to the user. */
    private Path directoryOfNobody(String name) throws Exception {
        Path created = Files.createDirectory(directory.resolve(name));
        Files.setAttribute(created, "unix:uid", NOBODY);
        return created;
    }

    @Test
    void daemon_runs_as_the_user_with_files_opened_by_root() throws Exception {
        CommandResult start = start("--user nobody --ready fd:3",
                "id -u; id -g; id -G; cat /proc/self/status; echo ready >/dev/fd/3; exec 3>&-; exec sleep 300");
        assertThat(start.status()).as(start.err()).isZero();
        assertThat(start.out()).contains("ready");
        String groups = Command.run("id", "-G", "nobody").output().trim();
        assertThat(log()).startsWith(Integer.toString(NOBODY), groups.split(" ")[0], groups)
                .contains("Uid:\t65534\t65534\t65534\t65534", "CapEff:\t0000000000000000", "NoNewPrivs:\t0");
        for (String file : List.of("d.pid", "d.log")) {
            assertThat(owner(directory.resolve(file))).as(file).isEqualTo(0);
        }
        assertThat(runner.command("status", "--pid-file", runner.file("d.pid")).status()).isZero();
        assertThat(stop().status()).isZero();
    }

    @Test
    void daemon_of_user_cannot_write_its_pid_file_or_open_its_log() throws Exception {
        CommandResult start = start("--user nobody", "echo 1 >'" + runner.file("d.pid")
                + "' || echo refused; "
                + "echo x >>'" + runner.file("d.log") + "' || echo refused; rm -f '" + runner.file("d.pid")
                + "' || echo refused; for fd in 3 4 5 6 7 8 9; do case $(readlink /proc/$$/fd/$fd) in *d.pid) "
                + "(eval \"echo 1 >&$fd\") 2>/dev/null && echo written || echo refused;; esac; done; exec sleep 300");
        assertThat(start.status()).as(start.err()).isZero();
        assertThat(log()).doesNotContain("written").filteredOn("refused"::equals).hasSize(4);
        assertThat(Files.readString(directory.resolve("d.pid"))).isNotEqualTo("1\n");
        assertThat(stop().status()).isZero();
    }

    @Test
    void environment_of_user_has_the_allowed_and_added_variables() throws Exception {
        runner.with("SECRET", "s").with("LC_TIME", "C").with("TZ", "UTC").with("TERM", "vt100");
        start("--user nobody --env A=b --env LOGNAME=me", "env; exec sleep 300");
        assertThat(log()).contains("LC_TIME=C", "TZ=UTC", "TERM=vt100", "USER=nobody", "A=b", "LOGNAME=me")
                .anyMatch(line -> line.startsWith("PATH=")).anyMatch(line -> line.startsWith("JAVA_HOME="))
                .anyMatch(line -> line.startsWith("HOME=/non")).anyMatch(line -> line.startsWith("SHELL="))
                .noneMatch(line -> line.startsWith("SECRET=") || line.startsWith("XDG_STATE_HOME="));
        assertThat(stop().status()).isZero();
        start("--user nobody --keep-env", "env; exec sleep 300");
        assertThat(log()).contains("SECRET=s").filteredOn(line -> line.startsWith("USER="))
                .containsOnly("USER=nobody");
        assertThat(stop().status()).isZero();
    }

    @Test
    void rights_can_be_dropped_permanently_with_or_without_another_user() throws Exception {
        for (String user : List.of("", "--user nobody ")) {
            CommandResult start = start(user + "--no-new-privs --no-core",
                    "grep NoNewPrivs /proc/self/status; grep core /proc/self/limits; exec sleep 300");
            assertThat(start.status()).as(start.err()).isZero();
            assertThat(log()).contains("NoNewPrivs:\t1").last().asString().matches("Max core.* 0 +0 .*");
            assertThat(stop().status()).isZero();
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"nosuch | user \"nosuch\" does not exist",
        "61234 | does not have an entry",
        "nobody:nosuch | group \"nosuch\" does not exist", "4294967295:0 | is at most 4294967294"})
    void unknown_user_is_a_usage_error(String user, String why) throws Exception {
        CommandResult start = start("--user " + user, "exec sleep 300");
        assertThat(start.status()).isEqualTo(2);
        assertThat(start.err()).contains("--user: ", why).hasLineCount(1);
        assertThat(directory.resolve("d.pid")).doesNotExist();
        assertThat(directory.resolve("d.log")).doesNotExist();
    }

    @Test
    void user_number_without_entry_has_the_given_group_and_no_home() throws Exception {
        start("--user 61234:61235", "id; echo $HOME $USER $LOGNAME $SHELL; exec sleep 300");
        assertThat(log()).containsExactly("uid=61234 gid=61235 groups=61235", "/ 61234 61234 /bin/sh");
        assertThat(stop().status()).isZero();
    }

    @Test
    void user_of_the_database_has_all_its_groups() throws Exception {
        Path users = Files.writeString(directory.resolve("passwd"),
                "root:x:0:0::/root:/bin/sh\nbare:x:61234:61235:::\n1234:x:61300:61300::/home/digits:/bin/sh\n");
        Path groups = Files.writeString(directory.resolve("group"),
                "root:x:0:\none:x:61235:\ntwo:x:61236:bare\nthree:x:61237:root,bare\nfour:x:61238:root\n");
        String command = "mount --bind " + users + " /etc/passwd && mount --bind " + groups
                + " /etc/group && exec \"$@\"";
        for (String user : List.of("bare", "61234", "bare:four", "1234")) {
            List<String> words = new ArrayList<>(List.of(Tool.need("unshare"), "--mount", "/bin/sh", "-c",
                    command, "sh",
                    CommandRunner.COMMAND, "start", "--name", "d", "--pid-file", runner.file("d.pid"),
                    "--log",
                    runner.file(user.replace(':', '_') + ".log"), "--user", user, "--", "/bin/sh", "-c",
                    "id -u; id -g; id -G; echo $HOME $SHELL $USER; exec sleep 300"));
            CommandResult start = runner.run(words);
            Assumptions.assumeTrue(!start.err().contains("unshare: ") && !start.err().contains("mount: "),
                    start.err());
            assertThat(start.status()).as(start.err()).isZero();
            assertThat(stop().status()).isZero();
        }
        assertThat(directory.resolve("bare.log"))
                .hasContent("61234\n61235\n61235 61236 61237\n/ /bin/sh bare\n");
        assertThat(directory.resolve("61234.log")).hasSameTextualContentAs(directory.resolve("bare.log"));
        assertThat(directory.resolve("bare_four.log"))
                .hasContent("61234\n61238\n61238 61236 61237\n/ /bin/sh bare\n");
        assertThat(directory.resolve("1234.log")).as("a name of digits comes before the number")
                .hasContent("61300\n61300\n61300\n/home/digits /bin/sh 1234\n");
    }

    @Test
    void ordinary_user_cannot_choose_another_user() throws Exception {
        Path own = directoryOfNobody("own");
        runner.by(Tool.need("setpriv"), "--reuid=65534", "--regid=65534", "--clear-groups");
        CommandResult version = runner.command("--version");
        Assumptions.assumeTrue(version.status() == 0, "the checkout is out of an ordinary user's reach");
        for (String subcommand : List.of("start", "restart", "run")) {
            List<String> words = new ArrayList<>(List.of(subcommand, "--user", "daemon"));
            if (!subcommand.equals("run")) {
                words.addAll(List.of("--pid-file", own + "/d.pid", "--log", own + "/d.log"));
            }
            words.addAll(List.of("--", "sleep", "300"));
            CommandResult run = runner.command(words.toArray(String[]::new));
            assertThat(run.status()).isEqualTo(4);
            assertThat(run.err()).contains("CAP_SETUID and CAP_SETGID").hasLineCount(1);
        }
        assertThat(own).isEmptyDirectory();
    }

    @ParameterizedTest
    @ValueSource(strings = {"--securebits=+no_setuid_fixup", "--inh-caps=+net_admin,+dac_override"})
    void rights_kept_by_the_kernel_are_dropped_too(String rights) throws Exception {
        runner.by(Tool.need("setpriv"), rights);
        CommandResult start = start("--user nobody", "grep Cap /proc/self/status; exec sleep 300");
        Assumptions.assumeTrue(!start.err().contains("setpriv:"), start.err());
        assertThat(start.status()).as(start.err()).isZero();
        assertThat(log()).filteredOn(line -> !line.startsWith("CapBnd")).hasSize(4)
                .allMatch(line -> line.endsWith("\t0000000000000000"));
        assertThat(stop().status()).isZero();
        CommandResult run =
                runner.command("run", "--user", "nobody", "--", "grep", "CapInh", "/proc/self/status");
        assertThat(run.out()).isEqualTo("CapInh:\t0000000000000000\n");
    }

    /**
     * Adds a key to a new session keyring and executes the arguments; without arguments, searches for the
     * key.
     */
    private static final String KEYS = """
            import ctypes, os, platform, sys
            add_key, keyctl = {'x86_64': (248, 250), 'aarch64': (217, 219)}[platform.machine()]
            libc, session = ctypes.CDLL(None, use_errno=True), ctypes.c_long(-3)
            if len(sys.argv) == 1:
                found = libc.syscall(keyctl, 10, session, b'user', b'daemon-steps', 0) > 0
                print('found' if found else os.strerror(ctypes.get_errno()), flush=True)
                os.execvp('sleep', ['sleep', '300'])
            libc.syscall(keyctl, 1, 0)
            if libc.syscall(add_key, b'user', b'daemon-steps', b'secret', 6, session) < 0:
                sys.exit('no keys: ' + os.strerror(ctypes.get_errno()))
            os.execvp(sys.argv[1], sys.argv[1:])
            """;

    @Test
    void keys_of_roots_session_do_not_reach_the_user() throws Exception {
        Path script = Files.writeString(directory.resolve("keys.py"), KEYS);
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rw-r--r--"));
        for (String user : List.of("root", "nobody")) {
            List<String> words =
                    new ArrayList<>(
                            List.of(Tool.need("python3"), script.toString(), CommandRunner.COMMAND, "start",
                                    "--name", "d", "--pid-file", runner.file("d.pid"), "--log",
                                    runner.file(user + ".log")));
            words.addAll(user.equals("root") ? List.of() : List.of("--user", user));
            words.addAll(List.of("--", Tool.path("python3"), script.toString()));
            CommandResult start = runner.run(words);
            Assumptions.assumeTrue(!start.err().contains("no keys"), start.err());
            assertThat(start.status()).as(start.err()).isZero();
            Path log = directory.resolve(user + ".log");
            Await.until(() -> Files.size(log) > 0); // the daemon writes to its log only
            assertThat(stop().status()).isZero();
        }
        assertThat(directory.resolve("root.log")).as("it would be found").hasContent("found\n");
        assertThat(directory.resolve("nobody.log")).hasContent("Required key not available\n");
    }

    @Test
    void user_namespace_without_groups_is_reported_with_the_call() throws Exception {
        runner.by(Tool.need("unshare"), "--user", "--map-root-user");
        CommandResult start = start("--user 0:0", "exec sleep 300");
        Assumptions.assumeTrue(!start.err().contains("unshare:"), start.err());
        assertThat(start.status()).isEqualTo(4);
        assertThat(start.err()).contains("USER: setgroups(").contains("(EPERM, 1)");
        assertThat(directory.resolve("d.pid")).doesNotExist();
    }

    @ParameterizedTest
    @ValueSource(strings = {"CHDIR", "REOPEN", "USER", "NO_CORE"})
    void killed_launcher_of_user_daemon_leaves_nothing(String step)
            throws Exception {
        try (var launcher = ChildJvm.start(KilledUserStart.class, step, runner.file("d.pid"),
                runner.file("d.log"))) {
            int pid = Integer.parseInt(launcher.line());
            int leader = Integer.parseInt(launcher.line());
            assertThat(launcher.rest()).isEmpty();
            Processes.awaitEnd(pid);
            Processes.awaitEnd(leader);
            assertThat(directory.resolve("d.pid")).doesNotExist();
        }
    }

    @Test
    void launcher_killed_after_the_last_step_leaves_a_proper_daemon() throws Exception {
        try (var launcher = ChildJvm.start(KilledUserStart.class, "EXEC", runner.file("d.pid"),
                runner.file("d.log"))) {
            int pid = Integer.parseInt(launcher.line());
            int leader = Integer.parseInt(launcher.line());
            try {
                Processes.awaitEnd(leader);
                assertThat(directory.resolve("d.pid")).hasContent(pid + "\n");
                assertThat(runner.command("status", "--pid-file", runner.file("d.pid")).out())
                        .startsWith("d: running, pid " + pid);
                assertThat(stop().status()).isZero();
            } finally {
                Processes.kill(pid);
            }
        }
    }

    @Test
    void start_as_another_user_that_fails_leaves_an_empty_log_and_no_pid_file() throws Exception {
        CommandResult start = start("--user nobody", "exit 3");
        assertThat(start.status()).isEqualTo(1);
        assertThat(directory.resolve("d.log")).isEmptyFile();
        assertThat(directory.resolve("d.pid")).doesNotExist();
    }

    @Test
    void leader_without_launcher_keeps_the_file_of_a_successor() throws Exception {
        Process launcher = runner.builder(List.of(CommandRunner.COMMAND, "start", "--user", "nobody",
                "--name",
                "d",
                "--ready", "fd:3", "--pid-file", runner.file("d.pid"), "--log", runner.file("d.log"), "--",
                "sleep", "300")).start();
        try {
            Path pidFile = directory.resolve("d.pid");
            Await.until(() -> Files.exists(pidFile) && Files.readString(pidFile).endsWith("\n"));
            int first = Integer.parseInt(Files.readString(pidFile).trim());
            Processes.awaitCommand(first, "sleep");
            int leader = ProcessState.of(first).sid();
            Processes.signal((int) launcher.pid(), Signal.SIGSTOP);
            CommandResult restart =
                    runner.command("restart", "--user", "nobody", "--name", "d", "--pid-file",
                            pidFile.toString(), "--log", runner.file("d.log"), "--", "sleep", "300");
            assertThat(restart.status()).as(restart.err()).isZero();
            String successor = Files.readString(pidFile);
            launcher.destroyForcibly().waitFor();
            Processes.awaitEnd(leader);
            assertThat(pidFile).hasContent(successor);
            assertThat(stop().status()).isZero();
        } finally {
            launcher.destroyForcibly().waitFor();
        }
    }

    @Test
    void run_as_user_on_a_terminal_of_a_root_shell_is_refused() throws Exception {
        Path legacy = Path.of("/proc/sys/dev/tty/legacy_tiocsti");
        Assumptions.assumeTrue(Files.notExists(legacy) || !Files.readString(legacy).startsWith("0"),
                "the kernel forbids to type into terminals");
        try (var terminal = Pty.open()) {
            CommandResult run = runner.shell(
                    "exec setsid --ctty --wait /bin/sh -c '\"$@\"; exit $?' sh \"$@\" <"
                            + terminal.path(),
                    List.of(CommandRunner.COMMAND, "run", "--user", "nobody", "--", "/bin/true"));
            assertThat(run.status()).isEqualTo(1);
            assertThat(run.err()).contains("user nobody could type into this terminal as you")
                    .hasLineCount(1);
        }
    }

    @Test
    void run_becomes_the_program_as_the_user() throws Exception {
        runner.with("SECRET", "s");
        CommandResult run = runner.command("run", "--user", "nobody", "--no-new-privs", "--no-core", "--env",
                "A=b",
                "--", "/bin/sh", "-c", "grep -E '^(Uid|CapEff|NoNewPrivs|Threads)' /proc/self/status; "
                        + "ulimit -c; id -G; echo $SECRET$A$USER");
        assertThat(run.status()).as(run.err()).isZero();
        assertThat(run.lines()).containsExactly("Uid:\t65534\t65534\t65534\t65534", "Threads:\t1",
                "CapEff:\t0000000000000000", "NoNewPrivs:\t1", "0",
                Command.run("id", "-G", "nobody").output().trim(), "bnobody");
    }

    private List<String> app(String... arguments) throws Exception {
        return ChildJvm.command(List.of("-Ddirectory=" + directory, "-Das.user=nobody"), Application.class,
                arguments);
    }

    @Test
    void application_of_user_reports_readiness_and_reopens_its_log() throws Exception {
        Path log = directoryOfNobody("log").resolve("app.log");
        Files.setAttribute(Files.writeString(directory.resolve("worked"), ""), "unix:uid", NOBODY);
        Files.setAttribute(Files.writeString(directory.resolve("went-on"), ""), "unix:uid", NOBODY);
        Files.setAttribute(Files.writeString(directory.resolve("actions"), ""), "unix:uid", NOBODY);
        List<String> start = app("start", "returns-never");
        List<String> words = start.subList(0, start.size() - 2);
        runner.with("SECRET", "s").with("JAVA_TOOL_OPTIONS", "-Dfrom.variable=yes");
        CommandResult started = runner.run(start);
        Assumptions.assumeTrue(!started.err().contains("exit status 127"), "java is out of reach");
        assertThat(started.status()).as(started.err() + Files.readString(log)).isZero();
        assertThat(started.out()).contains(": here I am");
        int pid = Integer.parseInt(Files.readString(directory.resolve("app.pid")).trim());
        assertThat(ProcessState.of(pid).uid()).isEqualTo(NOBODY);
        assertThat(Files.readString(Path.of("/proc/" + pid + "/environ"))).contains("USER=nobody",
                "JAVA_TOOL_OPTIONS=-Dfrom.variable=yes").doesNotContain("SECRET");
        reload(words, pid, 1);
        assertThat(Files.readString(log)).doesNotContain("not reopened");
        Files.move(log, log.resolveSibling("app.log.1"));
        reload(words, pid, 2);
        assertThat(owner(log)).isEqualTo(NOBODY);
        assertThat(Files.readString(log)).contains("reloaded");
        assertThat(runner.run(with(words, "stop")).status()).isZero();
    }

    private static List<String> with(List<String> words, String subcommand) {
        List<String> all = new ArrayList<>(words);
        all.add(subcommand);
        return all;
    }

    private void reload(List<String> words, int pid, int times) throws Exception {
        assertThat(runner.run(with(words, "reload")).status()).as("%s", ProcessState.of(pid)).isZero();
        Await.until(() -> Files.readAllLines(directory.resolve("actions")).stream().filter("reloads"::equals)
                .count() >= times);
    }

    @Test
    void application_in_the_foreground_must_be_run_by_its_user() throws Exception {
        CommandResult run = runner.run(app("run"));
        assertThat(run.status()).isEqualTo(4);
        assertThat(run.err())
                .contains("app: user nobody: run cannot change the user; execute run as that user\n");
    }

    @Test
    void set_user_id_program_is_refused() throws Exception {
        List<String> java = List.of(Tool.need("setpriv"), "--ruid=65534", ChildJvm.java().toString());
        CommandResult runs = runner.run(List.of(java.get(0), java.get(1), java.get(2), "-version"));
        Assumptions.assumeTrue(runs.status() == 0, "this JVM does not run set-user-ID: " + runs.err());
        List<String> words = new ArrayList<>(java);
        words.addAll(
                List.of("-jar", System.getProperty("daemonsteps.jar"), "start", "--name", "d", "--pid-file",
                        runner.file("d.pid"), "--log", runner.file("d.log"), "--", "/bin/sleep", "300"));
        CommandResult start = runner.run(words);
        assertThat(start.status()).isEqualTo(1);
        assertThat(start.err()).contains("runs set-user-ID").hasLineCount(1);
        assertThat(directory.resolve("d.pid")).doesNotExist();
    }
}
