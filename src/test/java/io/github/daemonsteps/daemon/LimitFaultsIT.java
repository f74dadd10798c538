package io.github.daemonsteps.daemon;

import static io.github.daemonsteps.testkit.DaemonAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.daemonsteps.ffm.NativePosix;
import io.github.daemonsteps.process.ProcessState;
import io.github.daemonsteps.process.Program;
import io.github.daemonsteps.steps.StepName;
import io.github.daemonsteps.testing.Command;
import io.github.daemonsteps.testing.CommandRunner;
import io.github.daemonsteps.testing.Programs;
import io.github.daemonsteps.testing.Tool;
import io.github.daemonsteps.testkit.Daemons;
import io.github.daemonsteps.testkit.Launcher;
import io.github.daemonsteps.testkit.ResourceSnapshot;
import io.github.daemonsteps.testkit.TestDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Starts under resource limits, from too low upwards until a start succeeds: each start fails and names the
 * call, or there is a proper daemon.
 */
@Daemons
class LimitFaultsIT {

    /** A user without other processes: only the processes and threads of the launcher count. */
    private static final String NOBODY_ELSE = "61234";

    private Path directory;
    private CommandRunner runner;
    /** The command that starts the launcher. */
    private List<String> user = List.of();

    @BeforeEach
    void open(Launcher launcher, TestDirectory testDirectory) throws IOException {
        directory = testDirectory.path();
        Files.setAttribute(directory, "unix:mode", 01777);
        runner = new CommandRunner(launcher, directory);
    }

    /** The launcher has loaded all classes that it needs. */
    private LauncherElsewhere warm() throws Exception {
        var launcher = LauncherElsewhere.start(runner, directory, user);
        launcher.start("d.pid", "d.log", "/", List.of("/no/such/program"));
        launcher.start("nope/d.pid", "d.log");
        launcher.start("d.pid", "nope/d.log");
        assertThat(launcher.start("d.pid", "d.log")).startsWith("0 ");
        assertThat(launcher.flaws("d.pid", "d.log")).isEqualTo("none");
        assertThat(launcher.ask("status", "d.pid")).startsWith("0 ");
        assertThat(launcher.ask("stop", "d.pid")).startsWith("0 ");
        return launcher;
    }

    /** As the launcher's own user: root without CAP_SYS_RESOURCE may not set the limits of others. */
    private void limit(int pid, String what, long soft) {
        List<String> words = new ArrayList<>(user);
        words.addAll(List.of(Tool.need("prlimit"), "--pid", Integer.toString(pid),
                "--" + what + "=" + soft + ":"));
        Command limited;
        try {
            limited = Command.run(words.toArray(String[]::new));
        } catch (IOException | InterruptedException failed) {
            throw new AssertionError(failed);
        }
        assertThat(limited.status()).as(limited.output()).isZero();
    }

    /**
     * Raises a limit until two starts in a row have succeeded. Then tries the limit before them again: a thread
     * of the launcher that has ended since may have counted at the first attempt. Returns the failures, each
     * once, without the parts that differ.
     */
    private Set<String> raise(LauncherElsewhere launcher, String what, long from, long by, int most)
            throws Exception {
        Set<String> failures = new LinkedHashSet<>();
        long highest = from + most * by;
        ResourceSnapshot before = ResourceSnapshot.of(launcher.pid());
        int started = 0;
        long limit = from;
        for (; limit < highest && started < 2; limit += by) {
            if (hasStarted(launcher, what, limit, highest, failures)) {
                started++;
            } else {
                assertThat(started).as("%s", failures).isZero();
            }
            assertThat(ResourceSnapshot.of(launcher.pid())).as("%s", failures).isEqualTo(before);
        }
        assertThat(started).as("%s", failures).isEqualTo(2);
        hasStarted(launcher, what, limit - 3 * by, highest, failures);
        assertThat(ResourceSnapshot.of(launcher.pid())).as("%s", failures).isEqualTo(before);
        return failures;
    }

    /** Starts with a limit, and stops with another. Returns whether the start has succeeded. */
    private boolean hasStarted(LauncherElsewhere launcher, String what, long limit, long highest,
            Set<String> failures) throws Exception {
        limit(launcher.pid(), what, limit);
        String answer = launcher.start("d.pid", "d.log");
        boolean hasStarted = answer.matches("0 d: started, pid \\d+");
        if (hasStarted) {
            int pid = Integer.parseInt(answer.substring(answer.lastIndexOf(' ') + 1));
            Programs.awaitStopped(pid);
            assertThat(ProcessState.of(pid))
                    .isProperDaemon(directory.resolve("d.pid"), directory.resolve("d.log"))
                    .hasWorkingDirectory(Path.of("/")).hasUmask(027);
            assertThat(ProcessState.of(pid).ppid()).isNotEqualTo(launcher.pid());
            limit(launcher.pid(), what, highest);
            assertThat(launcher.ask("stop", "d.pid")).startsWith("0 d: stopped, pid " + pid);
        } else {
            failures.add(answer.replace("1 d: not started: ", "").replace(directory.toString(), ""));
        }
        assertThat(directory.resolve("d.pid")).doesNotExist();
        assertThat(runner.processes()).as(answer).containsExactly(launcher.pid());
        return hasStarted;
    }

    @Test
    void process_limit_fails_either_fork() throws Exception {
        Assumptions.assumeTrue(NativePosix.get().getuid() == 0,
                "only root can become a user without other processes");
        user = List.of(Tool.need("setpriv"), "--reuid=" + NOBODY_ELSE, "--regid=" + NOBODY_ELSE,
                "--clear-groups");
        try (var launcher = warm()) {
            assertThat(raise(launcher, "nproc", 1, 1, 100)).containsExactly(
                    "FORK: fork(): Resource temporarily unavailable (EAGAIN, 11)",
                    "FORK_AGAIN: fork(): Resource temporarily unavailable (EAGAIN, 11)");
        }
    }

    @Test
    void descriptor_limit_fails_the_call_that_needs_one() throws Exception {
        try (var launcher = warm()) {
            Set<String> failures = raise(launcher, "nofile", 3, 1, 100);
            assertThat(failures).contains("FORK: socketpair(AF_UNIX, SOCK_STREAM|SOCK_CLOEXEC, 0, ...):"
                    + " Too many open files (EMFILE, 24)");
            assertThat(failures)
                    .allSatisfy(failure -> assertThat(failure).containsAnyOf("Too many open files",
                            "it must be below 3, the limit of open files"));
        }
    }

    @Test
    void memory_limit_fails_mmap() throws Exception {
        try (var launcher = warm()) {
            String size =
                    Files.readAllLines(Path.of("/proc", Integer.toString(launcher.pid()), "status")).stream()
                            .filter(line -> line.startsWith("VmSize:")).findFirst().orElseThrow()
                            .replaceAll("\\D", "");
            assertThat(raise(launcher, "as", Long.parseLong(size) << 10, 2 << 20, 200)).isNotEmpty()
                    .allSatisfy(failure -> assertThat(failure).startsWith("FORK: mmap(")
                            .endsWith(": Cannot allocate memory (ENOMEM, 12)"));
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"FORK_AGAIN | \"DIRECTORY/d.pid\": fcntl(",
        "CLOSE | REOPEN: open(\"DIRECTORY/d.log\""})
    void descriptor_limit_of_the_daemon_names_the_file(String step, String call)
            throws Exception {
        Daemon daemon = Daemon.named("d").pidFile(directory.resolve("d.pid")).log(directory.resolve("d.log"));
        var missing = Program.of("/no/such/program");
        assertThat(ExitStatus.of(daemon.start(missing, Readiness.aliveAfter()))).isEqualTo(5);
        var before = ResourceSnapshot.ofThisJvm();
        StartResult result = daemon.onStep(report -> {
            if (report.step().equals(new StepName(step))) {
                limit(report.after().pid(), "nofile", 1);
            }
        }).start(missing, Readiness.aliveAfter());
        assertThat(result.message())
                .startsWith("d: not started: " + call.replace("DIRECTORY", directory.toString()))
                .endsWith(": Too many open files (EMFILE, 24)");
        assertThat(ExitStatus.of(result)).isEqualTo(1);
        assertThat(ResourceSnapshot.ofThisJvm()).isEqualTo(before);
        assertThat(directory.resolve("d.pid")).doesNotExist();
    }

    @Test
    void running_daemon_is_not_reported_dead_for_lack_of_descriptors() throws Exception {
        try (var launcher = warm()) {
            assertThat(launcher.start("d.pid", "d.log")).startsWith("0 ");
            String running = launcher.ask("status", "d.pid");
            for (int soft = 3; soft < 100; soft++) {
                limit(launcher.pid(), "nofile", soft);
                assertThat(launcher.ask("status", "d.pid")).satisfiesAnyOf(
                        answer -> assertThat(answer).isEqualTo(running),
                        answer -> assertThat(answer).startsWith("4 d: unknown: ")
                                .contains("Too many open files"));
            }
            assertThat(launcher.ask("status", "d.pid")).isEqualTo(running);
            assertThat(launcher.ask("stop", "d.pid")).startsWith("0 ");
        }
    }
}
