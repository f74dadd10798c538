package io.github.daemonsteps.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daemonsteps.ffm.NativePosix;
import io.github.daemonsteps.testing.Command;
import io.github.daemonsteps.testing.CommandRunner;
import io.github.daemonsteps.testing.Tool;
import io.github.daemonsteps.testkit.Daemons;
import io.github.daemonsteps.testkit.Launcher;
import io.github.daemonsteps.testkit.TestDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Launchers with unusual signals, sessions, namespaces and views of /proc: the daemon is proper, or there
 * is none.
 */
@Daemons
class UnusualLauncherIT {

    private static final List<String> TOOLS = List.of("setpriv", "setsid", "unshare");

    private static final String NOBODY = "setpriv --reuid=65534 --regid=65534 --clear-groups";

    private Path directory;
    private CommandRunner runner;
    @BeforeEach
    void open(Launcher launcher, TestDirectory testDirectory) throws IOException {
        directory = testDirectory.path();
        Files.setAttribute(directory, "unix:mode", 01777);
        runner = new CommandRunner(launcher, directory);
    }

    /** A launcher by a line of sh(1) in which {@code LAUNCHER} is the command. */
    private LauncherElsewhere launcher(String line) throws Exception {
        TOOLS.stream().filter(line::contains).forEach(Tool::need);
        List<String> prefix =
                List.of("/bin/sh", "-c",
                        line.replace("LAUNCHER", "\"$@\"").replace("DIRECTORY", directory.toString()),
                        "sh");
        List<String> probe = new ArrayList<>(prefix);
        probe.add("true");
        Command probed = Command.run(probe.toArray(String[]::new));
        Assumptions.assumeTrue(probed.status() == 0, "this system does not let it: " + probed);
        return LauncherElsewhere.start(runner, directory, prefix);
    }

    private static void assumeRoot() {
        Assumptions.assumeTrue(NativePosix.get().getuid() == 0, "only root can set it up");
    }

    private void startsAndStops(String line) throws Exception {
        try (var launcher = launcher(line)) {
            launcher.start("d.pid", "d.log", "/", List.of("/no/such/program")); // loads what a start needs
            launcher.remember();
            List<Integer> alone = runner.processes();
            assertThat(launcher.start("d.pid", "d.log")).matches("0 d: started, pid \\d+");
            assertThat(launcher.flaws("d.pid", "d.log")).isEqualTo("none");
            assertThat(launcher.ask("status", "d.pid")).startsWith("0 d: running, pid ");
            assertThat(launcher.ask("stop", "d.pid")).startsWith("0 d: stopped, pid ");
            assertThat(directory.resolve("d.pid")).doesNotExist();
            assertThat(launcher.start("d.pid", "d.log", "/", List.of("/bin/false")))
                    .isEqualTo("1 d: not started: exited with status 1");
            assertThat(directory.resolve("d.pid")).doesNotExist();
            assertThat(launcher.left()).isEqualTo("nothing");
            assertThat(runner.processes()).isEqualTo(alone);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"exec LAUNCHER", "exec env --ignore-signal=CHLD LAUNCHER",
        "exec env --ignore-signal LAUNCHER",
        "exec env --block-signal LAUNCHER", "exec env --ignore-signal --block-signal LAUNCHER",
        "exec nohup LAUNCHER",
        "exec setsid --wait LAUNCHER", "exec unshare --user --map-root-user LAUNCHER",
        "exec unshare --user LAUNCHER"})
    void daemon_of_unusual_launcher_is_proper(String line) throws Exception {
        startsAndStops(line);
    }

    @ParameterizedTest
    @ValueSource(strings = {"exec " + NOBODY + " LAUNCHER",
        "exec " + NOBODY + " env --ignore-signal --block-signal LAUNCHER",
        "exec " + NOBODY + " unshare --user --map-root-user LAUNCHER",
        "exec " + NOBODY + " unshare --user LAUNCHER"})
    void daemon_of_ordinary_user_is_proper(String line) throws Exception {
        assumeRoot();
        startsAndStops(line);
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "exec unshare --pid --fork --kill-child --mount-proc /bin/sh -c '\"$@\"; exit $?' sh LAUNCHER",
        "exec unshare --pid --fork --kill-child --mount-proc /bin/sh -c '\"$@\"; exit $?' sh " + NOBODY
                + " LAUNCHER",
        "exec unshare --mount /bin/sh -c 'mount -t proc -o hidepid=2 proc /proc && exec \"$@\"' sh " + NOBODY
                + " LAUNCHER",
        "exec unshare --mount /bin/sh -c 'mount -t proc -o subset=pid proc /proc && exec \"$@\"' sh LAUNCHER",
        "exec unshare --mount /bin/sh -c 'mount -t proc -o subset=pid proc /proc && exec \"$@\"' sh " + NOBODY
                + " LAUNCHER",
        "exec unshare --mount /bin/sh -c 'mount --bind DIRECTORY DIRECTORY && mount -o remount,bind,ro / && exec \"$@\"'"
                + " sh LAUNCHER"})
    void daemon_in_a_pid_or_mount_namespace_is_proper(String line) throws Exception {
        assumeRoot();
        startsAndStops(line);
    }

    @Test
    void process_1_of_a_pid_namespace_gets_the_advice_to_use_run() throws Exception {
        assumeRoot();
        try (var launcher = launcher("exec unshare --pid --fork --kill-child --mount-proc LAUNCHER")) {
            assertThat(launcher.pid()).isEqualTo(1);
            assertThat(launcher.start("d.pid", "d.log"))
                    .isEqualTo("1 d: not started: this JVM is process 1 of its"
                            + " pid namespace: a daemon would end with it; use run");
            assertThat(directory.resolve("d.pid")).doesNotExist();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"LAUNCHER", "/bin/sh -c '\"$@\"; exit $?' sh LAUNCHER"})
    void proc_of_another_pid_namespace_is_reported(String what) throws Exception {
        assumeRoot();
        try (var launcher = launcher("exec unshare --pid --fork --kill-child " + what)) {
            String why = launcher.pid() == 1
                    ? "this JVM is process 1 of its pid namespace: a daemon would end with it; use run"
                    : "/proc is that of another pid namespace: mount the one of this namespace";
            assertThat(launcher.start("d.pid", "d.log")).isEqualTo("1 d: not started: " + why);
            assertThat(directory.resolve("d.pid")).doesNotExist();
        }
    }

    @Test
    void proc_of_another_pid_namespace_leads_to_no_signal() throws Exception {
        assumeRoot();
        String why = "/proc is that of another pid namespace: mount the one of this namespace";
        try (var launcher = launcher("exec LAUNCHER");
                var inside = launcher("exec unshare --pid --fork --kill-child LAUNCHER")) {
            assertThat(launcher.start("d.pid", "d.log")).matches("0 d: started, pid \\d+");
            assertThat(inside.ask("status", "d.pid")).isEqualTo("4 d: unknown: " + why);
            assertThat(inside.ask("stop", "d.pid")).isEqualTo("1 d: not stopped: " + why);
            assertThat(launcher.flaws("d.pid", "d.log")).isEqualTo("none");
            assertThat(launcher.ask("stop", "d.pid")).startsWith("0 ");
        }
    }

    @Test
    void daemon_that_is_hidden_from_the_asking_user_is_unknown_and_not_signalled() throws Exception {
        assumeRoot();
        try (var other = launcher("exec unshare --mount /bin/sh -c"
                + " 'mount -t proc -o hidepid=2 proc /proc && exec \"$@\"' sh " + NOBODY + " LAUNCHER");
                var launcher = launcher("exec LAUNCHER")) {
            String started = launcher.start("d.pid", "d.log");
            assertThat(started).matches("0 d: started, pid \\d+");
            String pid = started.substring(started.lastIndexOf(' ') + 1);
            String why = "process " + pid
                    + " acquired the lock; this user may not see whether that process still holds the lock";
            assertThat(other.ask("status", "d.pid")).isEqualTo("4 d: unknown: " + why);
            assertThat(other.ask("stop", "d.pid")).isEqualTo("4 d: not stopped: " + why);
            assertThat(other.start("d.pid", "e.log")).isEqualTo("4 d: not started: " + why);
            assertThat(launcher.flaws("d.pid", "d.log")).isEqualTo("none");
            assertThat(launcher.ask("stop", "d.pid")).startsWith("0 ");
        }
    }
}
