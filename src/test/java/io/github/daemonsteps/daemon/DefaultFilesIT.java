package io.github.daemonsteps.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daemonsteps.cli.Main;
import io.github.daemonsteps.ffm.NativePosix;
import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.FileStatus;
import io.github.daemonsteps.testing.ChildJvm;
import io.github.daemonsteps.testing.Command;
import io.github.daemonsteps.testing.OrdinaryUser;
import io.github.daemonsteps.testing.Tool;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The default files of a daemon, and the places where they must not be. */
class DefaultFilesIT {

    @TempDir
    private Path directory;

    private OrdinaryUser user;
    private Path home;
    private Path runtime;

    @BeforeEach
    void lay() throws Exception {
        user = new OrdinaryUser(directory);
        home = own("home");
        runtime = own("runtime");
    }

    private Path own(String name) throws Exception {
        Path made = Files.createDirectory(directory.resolve(name),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        Files.setAttribute(made, "unix:uid", (int) user.uid());
        return made;
    }

    /** As from a login, which has the variable, or as from cron. */
    private Command run(boolean hasRuntime, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of("env", "-i", "-C", "/", "PATH=/usr/bin:/bin",
                "HOME=" + home));
        if (hasRuntime) {
            command.add("XDG_RUNTIME_DIR=" + runtime);
        }
        command.addAll(user.command(List.of(), Main.class, arguments));
        return Command.run(command.toArray(String[]::new));
    }

    @Test
    void read_only_home_is_reported_with_the_options_that_help() throws Exception {
        home = Path.of("/nonexistent");
        Command start = run(false, "start", "--name", "d", "--", "sleep", "300");
        assertThat(start.status()).isEqualTo(4);
        assertThat(start.output())
                .contains("the default directory for \"/nonexistent/.local/state/d/d.pid\" cannot be created",
                        "--pid-file and --log")
                .hasLineCount(1);
    }

    /** Homes in which the user cannot make a directory. */
    private Path unusable(String kind) throws Exception {
        return switch (kind) {
            case "of another user" -> user.forbidden(directory.resolve("forbidden"));
            case "in a home of another user" -> ofAnotherUser();
            case "a device" -> Path.of("/dev/null");
            case "a file" -> Files.writeString(home.resolve("file"), "");
            default -> throw new AssertionError(kind);
        };
    }

    /** A directory that all users can enter, with a directory of this user in it. */
    private Path ofAnotherUser() throws Exception {
        Assumptions.assumeTrue(NativePosix.get().getuid() == 0, "only root can give files away");
        Path other = Files.createDirectory(directory.resolve("other"));
        Files.createDirectory(other.resolve(".local"));
        Files.setAttribute(other.resolve(".local"), "unix:uid", (int) user.uid());
        Files.setAttribute(other, "unix:uid", (int) user.uid() - 1);
        return Files.setPosixFilePermissions(other, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"of another user", "in a home of another user", "a device", "a file"})
    void unusable_home_is_reported_with_the_options_that_help(String kind) throws Exception {
        home = unusable(kind);
        Command start = run(false, "start", "--name", "d", "--", "sleep", "300");
        assertThat(start.output()).endsWith("; name other files with --pid-file and --log\n")
                .doesNotContain("Exception").hasLineCount(1);
        assertThat(start.status()).isEqualTo(kind.equals("of another user") ? 4 : 1);
        Command log = run(false, "start", "--name", "d", "--pid-file", directory + "/runtime/d.pid", "--",
                "sleep", "300");
        assertThat(log.output()).endsWith("; name another log with --log\n").hasLineCount(1);
        assertThat(runtime).isEmptyDirectory();
    }

    @ParameterizedTest
    @ValueSource(strings = {"status", "stop", "reload"})
    void subcommand_that_cannot_use_the_home_names_the_option_that_helps(String subcommand) throws Exception {
        home = unusable("a file");
        assertThat(run(false, subcommand, "--name", "d").output())
                .endsWith("; name another pid file with --pid-file\n").hasLineCount(1);
    }

    @Test
    void failure_for_another_reason_does_not_advise_other_files() throws Exception {
        String log = home.resolve(".local/state/d/d.pid").toString();
        Command clash = run(false, "start", "--name", "d", "--log", log, "--", "sleep", "300");
        assertThat(clash.output()).endsWith("are one file: give them different files\n");
        Command missing = run(false, "start", "--name", "d", "--", "/nonexistent");
        assertThat(missing.output()).doesNotContain("--pid-file");
    }

    @Test
    void root_of_a_user_namespace_gets_the_options_that_help() throws Exception {
        List<String> command =
                user.command(List.of(), Main.class, "start", "--name", "d", "--", "sleep", "300");
        command.addAll(user.prefix().size(), List.of(Tool.need("unshare"), "--map-root-user"));
        Command start = Command.run(command.toArray(String[]::new));
        Assumptions.assumeFalse(start.output().contains("unshare: "), start.output());
        assertThat(start.status()).isEqualTo(4);
        assertThat(start.output()).contains("/run/d.pid")
                .endsWith("; name other files with --pid-file and --log\n").hasLineCount(1);
    }

    @Test
    void root_with_read_only_run_gets_the_option_that_helps() throws Exception {
        Assumptions.assumeTrue(NativePosix.get().getuid() == 0, "only root can mount");
        List<String> command = new ArrayList<>(List.of(Tool.need("unshare"), "--mount", "/bin/sh", "-c",
                "mount -t tmpfs -o ro daemon-steps-test /run && exec \"$@\"", "sh"));
        command.addAll(ChildJvm.command(List.of(), Main.class, "start", "--name", "d", "--log",
                directory + "/d.log", "--", "sleep", "300"));
        Command start = Command.run(command.toArray(String[]::new));
        Assumptions.assumeFalse(start.output().contains("mount: ") || start.output().contains("unshare: "),
                start.output());
        assertThat(start.output()).contains("Read-only file system")
                .endsWith("; name another pid file with --pid-file\n").hasLineCount(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"start", "run", "restart"})
    void application_whose_default_files_cannot_be_used_names_its_own_methods(String subcommand)
            throws Exception {
        home = unusable("a file");
        List<String> command =
                new ArrayList<>(List.of("env", "-i", "-C", "/", "PATH=/usr/bin:/bin", "HOME=" + home));
        command.addAll(user.command(List.of(), DefaultFilesApplication.class, subcommand));
        Command start = Command.run(command.toArray(String[]::new));
        assertThat(start.status()).isEqualTo(1);
        assertThat(start.output())
                .endsWith("; the application can name other files with pidFile(...) and log(...)\n")
                .doesNotContain("--pid-file and", "--log").hasLineCount(1);
    }

    @Test
    void umask_0777_does_not_prevent_a_start() throws Exception {
        List<String> start = new ArrayList<>(List.of("env", "-i", "-C", "/", "PATH=/usr/bin:/bin",
                "HOME=" + home, "/bin/sh", "-c", "umask 0777; exec \"$@\"", "sh"));
        start.addAll(user.command(List.of(), Main.class, "start", "--name", "d", "--", "sleep", "300"));
        Command started = Command.run(start.toArray(String[]::new));
        try {
            assertThat(started.status()).as(started.output()).isZero();
            for (String name : List.of(".local", ".local/state", ".local/state/d")) {
                assertThat(permissions(home.resolve(name))).isEqualTo("rwx------");
            }
            Path files = home.resolve(".local/state/d");
            assertThat(permissions(files.resolve("d.pid"))).isEqualTo("rw-r--r--");
            assertThat(permissions(files.resolve("d.pid.record"))).isEqualTo("rw-r--r--");
            assertThat(permissions(files.resolve("d.log"))).isEqualTo("rw-r-----");
            assertThat(run(false, "status", "--name", "d").status()).isZero();
        } finally {
            assertThat(run(false, "stop", "--name", "d").output()).startsWith("d: stopped, pid ");
        }
    }

    @Test
    void umask_0777_does_not_prevent_the_demo() throws Exception {
        List<String> demo = new ArrayList<>(List.of("env", "-i", "-C", "/", "PATH=/usr/bin:/bin",
                "HOME=" + home, "/bin/sh", "-c", "umask 0777; exec \"$@\"", "sh"));
        demo.addAll(user.command(List.of(), Main.class, "demo"));
        try {
            Command started = Command.run(demo.toArray(String[]::new));
            assertThat(started.status()).as(started.output()).isZero();
            Command again = run(false, "demo");
            assertThat(again.status()).as(again.output()).isZero();
        } finally {
            assertThat(run(false, "demo", "--stop").output()).startsWith("stopped: ");
        }
    }

    @Test
    void demo_without_permission_for_home_gives_advice() throws Exception {
        home = Path.of("/nonexistent");
        Command demo = run(false, "demo");
        assertThat(demo.output())
                .isEqualTo("daemon-steps: the demo directory /nonexistent/.local/state/daemon-steps/demo"
                        + " cannot be used: /nonexistent: permission denied; set HOME to a directory of this user\n");
        assertThat(demo.status()).isEqualTo(4);
    }

    private static String permissions(Path file) throws Exception {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
    }

    @Test
    void daemon_of_ordinary_user_is_found_from_a_login_and_from_cron() throws Exception {
        String name = "default-files-it";
        Path state = home.resolve(".local/state").resolve(name);
        Command started = run(true, "start", "--name", name, "--", "sleep", "300");
        try {
            assertThat(started.status()).as(started.output()).isZero();
            String pid = Files.readString(state.resolve(name + ".pid")).strip();
            assertThat(run(false, "status", "--name", name).output())
                    .startsWith(name + ": running, pid " + pid + ",");
            assertThat(run(false, "start", "--name", name, "--", "sleep", "300").output())
                    .isEqualTo(name + ": runs already, pid " + pid + "\n");
        } finally {
            run(false, "stop", "--name", name);
        }
        assertThat(run(true, "status", "--name", name).output()).isEqualTo(
                name + ": not running, pid file " + state.resolve(name + ".pid") + "\n");
        assertThat(runtime).isEmptyDirectory();
        try (var left = Files.list(state)) {
            assertThat(left).containsExactly(state.resolve(name + ".log"));
        }
    }

    /** The process with this number in such a {@code /proc} belongs to another user. */
    @Test
    void daemon_is_unknown_in_the_proc_of_another_pid_namespace() throws Exception {
        Assumptions.assumeTrue(NativePosix.get().getuid() == 0, "only root can make a pid namespace");
        String name = "default-files-it";
        Command started = run(false, "start", "--name", name, "--", "sleep", "300");
        try {
            assertThat(started.status()).as(started.output()).isZero();
            List<String> command = new ArrayList<>(List.of(Tool.need("unshare"), "--pid", "--fork", "env",
                    "-i", "-C", "/", "PATH=/usr/bin:/bin", "HOME=" + home));
            command.addAll(user.command(List.of(), Main.class, "status", "--name", name));
            Command status = Command.run(command.toArray(String[]::new));
            assertThat(status.output()).contains("/proc is that of another pid namespace");
            assertThat(status.status()).isEqualTo(4);
        } finally {
            run(false, "stop", "--name", name);
        }
    }

    /** The mounts of the process name a network file system; the file system itself is local. */
    @Test
    void pid_file_on_a_network_file_system_is_refused_and_unknown() throws Exception {
        Assumptions.assumeTrue(NativePosix.get().getuid() == 0, "only root can mount");
        Path pidFile = directory.resolve("d.pid");
        String onNetwork = "the pid file \"" + pidFile + "\" is on a network file system, nfs4";
        Command start = onNetworkFileSystem("start", "--log", directory.resolve("d.log").toString(), "--",
                "sleep", "300");
        Assumptions.assumeTrue(!start.output().contains("unshare: ") && !start.output().contains("mount: "),
                start.output());
        assertThat(start.output()).contains("not started: " + onNetwork, "keep it on a local file system");
        assertThat(start.status()).isEqualTo(1);
        assertThat(pidFile).doesNotExist();
        Files.writeString(pidFile, ProcessHandle.current().pid() + "\n");
        Command status = onNetworkFileSystem("status");
        assertThat(status.output()).contains("unknown: " + onNetwork);
        assertThat(status.status()).isEqualTo(4);
        for (String subcommand : List.of("stop", "reload")) {
            Command refused = onNetworkFileSystem(subcommand);
            assertThat(refused.output()).contains(onNetwork);
            assertThat(refused.status()).isEqualTo(1);
        }
        assertThat(pidFile).hasContent(ProcessHandle.current().pid() + "\n");
    }

    private Command onNetworkFileSystem(String subcommand, String... more) throws Exception {
        FileStatus status = NativePosix.get().stat(CString.of(directory));
        String script =
                "sed \"s#^\\([0-9]* [0-9]* $1 .* - \\)[a-z0-9]* #\\1nfs4 #\" /proc/self/mountinfo > \"$2\" &&"
                        + " mount --bind \"$2\" /proc/$$/mountinfo && shift 2 && exec \"$@\"";
        List<String> command =
                new ArrayList<>(List.of(Tool.need("unshare"), "--mount", "/bin/sh", "-c", script, "sh",
                        status.deviceMajor() + ":" + status.deviceMinor(),
                        directory.resolve("mounts").toString()));
        command.addAll(ChildJvm.command(List.of(), Main.class, subcommand, "--pid-file",
                directory.resolve("d.pid").toString()));
        command.addAll(List.of(more));
        return Command.run(command.toArray(String[]::new));
    }
}
