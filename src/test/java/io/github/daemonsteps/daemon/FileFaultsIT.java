package io.github.daemonsteps.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daemonsteps.process.Program;
import io.github.daemonsteps.testing.Command;
import io.github.daemonsteps.testing.CommandRunner;
import io.github.daemonsteps.testing.OrdinaryUser;
import io.github.daemonsteps.testing.Tool;
import io.github.daemonsteps.testkit.Daemons;
import io.github.daemonsteps.testkit.Launcher;
import io.github.daemonsteps.testkit.ResourceSnapshot;
import io.github.daemonsteps.testkit.TestDirectory;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * If the kernel denies a file, a directory or a program, the start names it and the cause, and leaves
 * nothing.
 */
@Daemons
class FileFaultsIT {

    private static final int NAME_TOO_LONG = 256;
    private static final int PATH_MAX = 4096;

    @TempDir
    private static Path classes;

    private Path directory;
    private CommandRunner runner;
    private Path file;
    private Daemon daemon;

    @BeforeEach
    void name(Launcher testLauncher, TestDirectory testDirectory) throws IOException {
        directory = testDirectory.path();
        runner = new CommandRunner(testLauncher, directory);
        file = directory.resolve("d.pid");
        daemon = Daemon.named("d").pidFile(file).log(directory.resolve("d.log"))
                .stopTimeout(Duration.ofSeconds(20));
    }

    /** An object that cannot be used as a file in a directory, or as a directory. */
    private Path faulty(String what) throws IOException {
        return switch (what) {
            case "missing" -> directory.resolve("nope");
            case "name too long" -> directory.resolve("x".repeat(NAME_TOO_LONG));
            case "path too long" ->
                Path.of(directory.toString(), Collections.nCopies(PATH_MAX / 2, "x").toArray(String[]::new));
            case "loop" -> {
                Files.createSymbolicLink(directory.resolve("a"), directory.resolve("b"));
                yield Files.createSymbolicLink(directory.resolve("b"), directory.resolve("a"));
            }
            case "file" -> Files.createFile(directory.resolve("file"));
            default -> throw new IllegalArgumentException(what);
        };
    }

    private StartResult.Failed failure(Program program) throws IOException {
        start(Program.of("/no/such/program")); // the first failure loads what later ones need
        var before = ResourceSnapshot.ofThisJvm();
        StartResult result = start(program);
        daemon.stop();
        assertThat(result).isInstanceOf(StartResult.Failed.class);
        assertThat(ResourceSnapshot.ofThisJvm()).isEqualTo(before);
        assertThat(file).doesNotExist();
        return (StartResult.Failed) result;
    }

    private StartResult start(Program program) {
        return daemon.start(program, new Readiness.AliveAfter(Duration.ofMillis(1)));
    }

    @ParameterizedTest
    @CsvSource({"missing, ENOENT", "name too long, ENAMETOOLONG", "path too long, ENAMETOOLONG",
        "loop, ELOOP",
        "file, ENOTDIR"})
    void missing_directory_of_pid_file_is_named(String what, String errno) throws Exception {
        Path pidFile = faulty(what).resolve("d.pid");
        daemon = daemon.pidFile(pidFile);
        StartResult.Failed failed = failure(Program.of("/bin/sleep", "300"));
        assertThat(failed.reason()).contains("\"" + pidFile.getParent(), "(" + errno + ", ");
        assertThat(failed.errno()).asString().startsWith(errno + " ");
        assertThat(ExitStatus.of(failed)).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({"missing, ENOENT", "name too long, ENAMETOOLONG", "path too long, ENAMETOOLONG",
        "loop, ELOOP",
        "file, ENOTDIR"})
    void missing_directory_of_log_is_named(String what, String errno) throws Exception {
        Path log = faulty(what).resolve("d.log");
        daemon = daemon.log(log);
        StartResult.Failed failed = failure(Program.of("/bin/sleep", "300"));
        assertThat(failed.reason()).startsWith("the log \"" + log + "\": ")
                .contains("(" + errno + ", ");
        assertThat(failed.errno()).asString().startsWith(errno + " ");
        assertThat(ExitStatus.of(failed)).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({"missing, ENOENT", "name too long, ENAMETOOLONG", "path too long, ENAMETOOLONG",
        "loop, ELOOP",
        "file, ENOTDIR"})
    void missing_working_directory_is_named(String what, String errno) throws Exception {
        Path asked = faulty(what);
        daemon = daemon.workingDirectory(asked);
        StartResult.Failed failed = failure(Program.of("/bin/sleep", "300"));
        assertThat(failed.reason()).startsWith("CHDIR: chdir(\"" + asked + "\"): ")
                .contains("(" + errno + ", ");
        assertThat(failed.errno()).asString().startsWith(errno + " ");
        assertThat(ExitStatus.of(failed)).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({"missing, ENOENT, 5", "name too long, ENAMETOOLONG, 1", "path too long, ENAMETOOLONG, 1",
        "loop, ELOOP, 1",
        "missing interpreter, ENOENT, 1", "interpreter in a loop, ELOOP, 1", "no format, ENOEXEC, 1",
        "no right, EACCES, 4",
        "directory, EACCES, 4", "below a file, ENOTDIR, 1", "open for writing, ETXTBSY, 1",
        "long argument, E2BIG, 1",
        "long arguments, E2BIG, 1", "long environment, E2BIG, 1"})
    void program_that_cannot_be_executed_is_named(String what, String errno, int status)
            throws Exception {
        Program program = program(what);
        FileChannel writing = what.equals("open for writing")
                ? FileChannel.open(Path.of(program.path().toString()), StandardOpenOption.WRITE)
                : null;
        try {
            StartResult.Failed failed = failure(program);
            assertThat(failed.reason()).startsWith("EXEC: execve(\"" + program.path() + "\"")
                    .contains("(" + errno + ", ");
            assertThat(failed.errno()).asString().startsWith(errno + " ");
            assertThat(ExitStatus.of(failed)).isEqualTo(status);
        } finally {
            if (writing != null) {
                writing.close();
            }
        }
    }

    private Program program(String what) throws IOException {
        String kibibytes128 = "x".repeat(128 << 10);
        return switch (what) {
            case "missing interpreter" -> executable("#!/no/such/interpreter\n");
            case "interpreter in a loop" -> executable("#!" + faulty("loop") + "\n");
            case "no format" -> executable("no program");
            case "no right" -> Program.of(faulty("file").toString());
            case "directory" -> Program.of(directory.toString());
            case "below a file" -> Program.of(faulty("file").resolve("x").toString());
            case "open for writing" -> {
                Path copy = Files.copy(Path.of("/bin/sleep"), directory.resolve("copy"));
                yield Program.of(copy.toString(), "300");
            }
            case "long argument" -> Program.of("/bin/true", kibibytes128);
            case "long arguments" -> Program.of("/bin/true",
                    Collections.nCopies(64, kibibytes128.substring(1)).toArray(String[]::new));
            case "long environment" -> {
                Program program = Program.of("/bin/true");
                yield new Program(program.path(), program.arguments(),
                        List.of(io.github.daemonsteps.posix.CString.of("X=" + kibibytes128)));
            }
            default -> Program.of(faulty(what).toString());
        };
    }

    private Program executable(String content) throws IOException {
        Path program = Files.writeString(directory.resolve("program"), content);
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
        return Program.of(program.toString());
    }

    /**
     * In a mount namespace, so that nothing must be unmounted: directories with a limited size, a limited
     * number of files, and read-only.
     */
    private static final String MOUNTS = "cd \"$1\" && mkdir -p full inodes readonly"
            + " && mount -t tmpfs -o mode=1777,size=8k daemon-steps-test full"
            + " && mount -t tmpfs -o mode=1777,nr_inodes=4 daemon-steps-test inodes"
            + " && mount -t tmpfs -o mode=1777 daemon-steps-test readonly"
            + " && { cat /dev/zero >full/fill 2>/dev/null || :; } && : >inodes/one"
            + " && : >readonly/old && chmod 644 readonly/old && chown \"$2\" readonly/old && mount -o remount,ro daemon-steps-test readonly"
            + " && shift 2 && exec \"$@\"";

    @ParameterizedTest
    @ValueSource(strings = {"root", "an ordinary user"})
    void full_or_read_only_file_system_is_named(String user) throws Exception {
        Files.setAttribute(directory, "unix:mode", 01777);
        List<String> mounted = new ArrayList<>(
                List.of(Tool.need("unshare"), "--mount", "/bin/sh", "-c", MOUNTS, "sh", directory.toString(),
                        user.equals("root") ? "0" : "65534"));
        if (!user.equals("root")) {
            mounted.addAll(List.of(Tool.need("setpriv"), "--reuid=65534", "--regid=65534", "--clear-groups"));
        }
        assumeWorks(mounted);
        try (var launcher = LauncherElsewhere.start(runner, directory, mounted)) {
            launcher.start("d.pid", "d.log", "/", List.of("/no/such/program")); // loads what failures need
            launcher.remember();
            assertThat(launcher.start("full/d.pid", "d.log"))
                    .startsWith("1 d: not started: the record beside the pid file, \""
                            + launcher.path("full/d.pid.record") + "\": write(")
                    .endsWith(
                            ": No space left on device (ENOSPC, 28)");
            assertThat(launcher.ask("status", "full/d.pid")).startsWith("3 d: not running, pid file ");
            assertThat(launcher.start("inodes/d.pid", "d.log"))
                    .as("the two files that fit").matches("0 d: started, pid \\d+");
            assertThat(launcher.start("e.pid", "inodes/e.log")).isEqualTo("1 d: not started: REOPEN: open(\""
                    + launcher.path("inodes/e.log")
                    + "\", O_WRONLY|O_APPEND|O_CREAT|O_NOCTTY|O_NOFOLLOW|O_NONBLOCK, 0640):"
                    + " No space left on device (ENOSPC, 28)");
            assertThat(launcher.start("inodes/e.pid", "d.log"))
                    .startsWith("1 d: not started: PID_FILE: open(\"" + launcher.path("inodes/e.pid") + "\"")
                    .endsWith(": No space left on device (ENOSPC, 28)");
            assertThat(launcher.flaws("inodes/d.pid", "d.log")).isEqualTo("none");
            assertThat(launcher.ask("stop", "inodes/d.pid")).startsWith("0 d: stopped");
            assertThat(launcher.start("readonly/d.pid", "d.log"))
                    .startsWith(
                            "1 d: not started: PID_FILE: open(\"" + launcher.path("readonly/d.pid") + "\"")
                    .endsWith(": Read-only file system (EROFS, 30)");
            assertThat(launcher.start("readonly/old", "d.log"))
                    .startsWith("1 d: not started: PID_FILE: open(\"" + launcher.path("readonly/old") + "\"")
                    .endsWith(": Read-only file system (EROFS, 30)");
            for (String log : List.of("readonly/d.log", "readonly/old")) {
                assertThat(launcher.start("e.pid", log))
                        .startsWith("1 d: not started: REOPEN: open(\"" + launcher.path(log) + "\"")
                        .endsWith(": Read-only file system (EROFS, 30)");
            }
            assertThat(directory.resolve("e.pid")).doesNotExist();
            assertThat(launcher.left()).isEqualTo("nothing");
            assertThat(runner.processes()).as("the launcher alone").containsExactly(launcher.pid());
        }
    }

    @Test
    void directory_closed_to_an_ordinary_user_lacks_permission() throws Exception {
        Files.setAttribute(directory, "unix:mode", 01777);
        var user = new OrdinaryUser(classes);
        Path shut = user.forbidden(directory.resolve("shut"));
        try (var launcher = LauncherElsewhere.start(runner, directory, user.prefix())) {
            launcher.start("d.pid", "d.log", "/", List.of("/no/such/program")); // loads what failures need
            launcher.remember();
            assertThat(launcher.start("d.pid", "d.log", shut.toString(), List.of("/bin/true")))
                    .isEqualTo("4 d: not started: CHDIR: chdir(\"" + shut
                            + "\"): Permission denied (EACCES, 13)");
            assertThat(launcher.start("shut/d.pid", "d.log"))
                    .startsWith("4 d: not started: ").contains("\"" + shut + "/d.pid\"")
                    .endsWith(": Permission denied (EACCES, 13)");
            assertThat(launcher.start("d.pid", "shut/d.log"))
                    .startsWith("4 d: not started: the log \"" + shut + "/d.log\"")
                    .endsWith(": Permission denied (EACCES, 13)");
            assertThat(launcher.start("d.pid", "d.log", "/", List.of(shut + "/program")))
                    .startsWith("4 d: not started: EXEC: execve(\"" + shut + "/program\"")
                    .endsWith(": Permission denied (EACCES, 13)");
            assertThat(directory.resolve("d.pid")).doesNotExist();
            assertThat(launcher.left()).isEqualTo("nothing");
            assertThat(runner.processes()).as("the launcher alone").containsExactly(launcher.pid());
        }
    }

    private static void assumeWorks(List<String> prefix) throws Exception {
        List<String> words = new ArrayList<>(prefix);
        words.add("true");
        Command probe = Command.run(words.toArray(String[]::new));
        Assumptions.assumeTrue(probe.status() == 0, "this system does not let it be set up: " + probe);
    }

    @Test
    void launcher_in_a_removed_directory_starts_a_daemon(Launcher testLauncher) throws Exception {
        Path gone = Files.createDirectory(directory.resolve("gone"));
        try (var launcher = LauncherElsewhere.start(new CommandRunner(testLauncher, gone), directory,
                List.of())) {
            Files.delete(gone);
            assertThat(launcher.start("d.pid", "d.log")).matches("0 d: started, pid \\d+");
            assertThat(launcher.flaws("d.pid", "d.log")).isEqualTo("none");
            assertThat(launcher.ask("stop", "d.pid")).startsWith("0 d: stopped");
        }
    }
}
