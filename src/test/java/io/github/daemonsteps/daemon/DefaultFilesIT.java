package io.github.daemonsteps.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daemonsteps.cli.Main;
import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.FileStatus;
import io.github.daemonsteps.posix.NativePosix;
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

/** Where the files of a daemon are by default, and where they must not be. */
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
    void home_in_which_nothing_can_be_made_is_told_with_the_options_that_help() throws Exception {
        home = Path.of("/nonexistent");
        Command start = run(false, "start", "--name", "d", "--", "sleep", "300");
        assertThat(start.status()).isEqualTo(4);
        assertThat(start.output())
                .contains("the default directory for \"/nonexistent/.local/state/d/d.pid\" cannot be created",
                        "--pid-file and --log")
                .hasLineCount(1);
    }

    @Test
    void daemon_of_ordinary_user_is_the_same_from_a_login_and_from_cron() throws Exception {
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

    /** The process with this one's number in such a {@code /proc} belongs to another user. */
    @Test
    void daemon_is_unknown_and_not_another_users_where_proc_is_of_another_pid_namespace() throws Exception {
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

    /** The mounts that the process sees say so; the file system itself is a local one. */
    @Test
    void pid_file_on_a_network_file_system_is_refused_and_unknown() throws Exception {
        Assumptions.assumeTrue(NativePosix.get().getuid() == 0, "only root can mount");
        Path pidFile = directory.resolve("d.pid");
        String onNetwork = "the pid file \"" + pidFile + "\" is on a network file system, nfs4";
        Command start = onNetworkFileSystem("start", "--log", directory.resolve("d.log").toString(), "--",
                "sleep", "300");
        Assumptions.assumeTrue(!start.output().contains("unshare: ") && !start.output().contains("mount: "),
                start.output());
        assertThat(start.output()).contains("not started: " + onNetwork, "--pid-file");
        assertThat(start.status()).isEqualTo(1);
        assertThat(pidFile).doesNotExist();
        Files.writeString(pidFile, ProcessHandle.current().pid() + "\n");
        Command status = onNetworkFileSystem("status");
        assertThat(status.output()).contains("unknown: " + onNetwork);
        assertThat(status.status()).isEqualTo(4);
        for (String verb : List.of("stop", "reload")) {
            Command refused = onNetworkFileSystem(verb);
            assertThat(refused.output()).contains(onNetwork);
            assertThat(refused.status()).isEqualTo(1);
        }
        assertThat(pidFile).hasContent(ProcessHandle.current().pid() + "\n");
    }

    private Command onNetworkFileSystem(String verb, String... more) throws Exception {
        FileStatus status = NativePosix.get().stat(CString.of(directory));
        String script =
                "sed \"s#^\\([0-9]* [0-9]* $1 .* - \\)[a-z0-9]* #\\1nfs4 #\" /proc/self/mountinfo > \"$2\" &&"
                        + " mount --bind \"$2\" /proc/$$/mountinfo && shift 2 && exec \"$@\"";
        List<String> command =
                new ArrayList<>(List.of(Tool.need("unshare"), "--mount", "/bin/sh", "-c", script, "sh",
                        status.deviceMajor() + ":" + status.deviceMinor(),
                        directory.resolve("mounts").toString()));
        command.addAll(ChildJvm.command(List.of(), Main.class, verb, "--pid-file",
                directory.resolve("d.pid").toString()));
        command.addAll(List.of(more));
        return Command.run(command.toArray(String[]::new));
    }
}
