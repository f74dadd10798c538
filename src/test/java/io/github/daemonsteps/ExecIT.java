package io.github.daemonsteps;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daemonsteps.ffm.NativePosix;
import io.github.daemonsteps.posix.Processes;
import io.github.daemonsteps.posix.Signal;
import io.github.daemonsteps.posix.SignalSet;
import io.github.daemonsteps.process.ProcessState;
import io.github.daemonsteps.process.Program;
import io.github.daemonsteps.steps.StepName;
import io.github.daemonsteps.steps.StepOutcome;
import io.github.daemonsteps.steps.StepReport;
import io.github.daemonsteps.steps.StreamTarget;
import io.github.daemonsteps.testing.ChildJvm;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The end of a run: the process becomes its program. */
class ExecIT {

    @Test
    void program_starts_with_no_signal_blocked_and_none_ignored() {
        int pid;
        try (DaemonRun run = DaemonSteps.classic().start()) {
            run.runRemaining();
            StepReport report = run.execve(Program.of("/bin/sleep", "60"));
            pid = run.process().pid();
            assertThat(report.outcome()).isInstanceOf(StepOutcome.Done.class);
            assertThat(report.step()).isEqualTo(StepName.EXEC);
        }
        try {
            ProcessState daemon = ProcessState.of(pid);
            assertThat(daemon.blocked()).isEqualTo(SignalSet.NONE);
            assertThat(daemon.ignored()).isEqualTo(SignalSet.NONE);
            assertThat(daemon.caught()).isEqualTo(SignalSet.NONE);
            assertThat(daemon.fds()).containsOnlyKeys(0, 1, 2).containsValue("/dev/null");
            assertThat(daemon.sid()).isNotEqualTo(pid);
            assertThat(daemon.terminal()).isZero();
        } finally {
            Processes.kill(pid);
        }
    }

    @Test
    void sigterm_during_the_start_ends_the_start() {
        try (DaemonRun run = DaemonSteps.classic().start()) {
            run.runRemaining();
            int pid = run.process().pid();
            NativePosix.get().kill(pid, Signal.SIGTERM);
            StepReport report = run.execve(Program.of("/bin/sleep", "60"));
            assertThat(report.outcome()).isInstanceOfSatisfying(StepOutcome.Failed.class,
                    failed -> assertThat(failed.text()).contains("the forked process " + pid + " has ended"));
            assertThat(report.calls()).noneMatch(call -> call.function().equals("execve"));
            assertThat(Processes.hasEnded(pid)).isTrue();
        }
    }

    @Test
    void missing_program_fails_and_close_leaves_nothing() {
        int pid;
        try (DaemonRun run = DaemonSteps.classic().start()) {
            run.runRemaining();
            pid = run.process().pid();
            StepReport report = run.execve(Program.of("/nope"));
            assertThat(report.failed()).isTrue();
            assertThat(report.outcome().toString()).contains("execve(\"/nope\"",
                    "No such file or directory (ENOENT, 2)");
            assertThat(run.process().isAlive()).isTrue();
        }
        assertThat(Processes.hasEnded(pid)).isTrue();
    }

    @Test
    void script_is_executed(@TempDir Path directory) throws Exception {
        Path script = directory.resolve("script");
        Files.writeString(script, "#!/bin/sh\nexec sleep 60\n");
        assertThat(script.toFile().setExecutable(true)).isTrue();
        try (DaemonRun run = DaemonSteps.classic().start()) {
            run.runRemaining();
            assertThat(run.execve(Program.of(script.toString())).failed()).isFalse();
            Processes.kill(run.process().pid());
        }
    }

    @Test
    @Timeout(value = 2, unit = TimeUnit.MINUTES)
    void fifo_without_a_reader_as_log_fails_at_once(@TempDir Path directory) throws Exception {
        Path fifo = directory.resolve("fifo");
        assertThat(new ProcessBuilder("mkfifo", fifo.toString()).inheritIO().start().waitFor()).isZero();
        try (DaemonRun run = DaemonSteps.classic().redirectOutput(StreamTarget.log(fifo)).start()) {
            StepReport last = run.runRemaining().getLast();
            assertThat(last.outcome().toString()).contains("open(\"" + fifo,
                    "No such device or address (ENXIO, 6)");
        }
    }

    @Test
    void log_is_written_after_the_opening(@TempDir Path directory) throws Exception {
        Path log = Files.writeString(directory.resolve("log"), "before\n");
        try (DaemonRun run = DaemonSteps.classic().redirectOutput(StreamTarget.log(log)).start()) {
            assertThat(run.runRemaining().getLast().failed()).isFalse();
            int pid = run.process().pid();
            List<String> flags = Files.readAllLines(Path.of("/proc/" + pid + "/fdinfo/1"));
            // O_WRONLY|O_APPEND and no O_NONBLOCK (04000); the architecture may add flags
            assertThat(flags.get(1)).startsWith("flags:")
                    .matches(line -> (Long.parseLong(line.substring(6).trim(), 8) & 06003) == 02001);
            run.process().write(1, "from the daemon\n".getBytes(StandardCharsets.UTF_8));
            run.process().write(2, "and again\n".getBytes(StandardCharsets.UTF_8));
        }
        assertThat(log).hasContent("before\nfrom the daemon\nand again\n");
    }

    /**
     * A launcher that daemonizes a program. The program writes its environment to a file, and the launcher
     * prints the report.
     */
    static final class EnvironmentLauncher {
        private EnvironmentLauncher() {
        }

        public static void main(String[] args) {
            try (DaemonRun run =
                    DaemonSteps.classic().redirectOutput(StreamTarget.log(Path.of(args[0]))).start()) {
                run.runRemaining();
                StepReport report =
                        run.execve(Program.of("/bin/sh", "-c", "cat /proc/self/environ; exec sleep 60"));
                System.out.println(report);
                System.out.println(run.process().pid());
            }
        }
    }

    @Test
    void environment_arrives_byte_for_byte_and_is_not_in_the_report(@TempDir Path directory)
            throws Exception {
        Path output = directory.resolve("environment");
        // Java cannot pass on a byte that is not text, but printf can.
        List<String> command = new ArrayList<>(List.of("/bin/sh", "-c",
                "export LC_ALL=C SECRET=hunter2 ODD=\"$(printf 'a\\377\\303')\"; exec \"$@\"", "sh"));
        command.addAll(ChildJvm.command(List.of(), EnvironmentLauncher.class, output.toString()));
        try (var launcher = ChildJvm.start(new ProcessBuilder(command))) {
            String report = launcher.line();
            int pid = Integer.parseInt(launcher.line());
            try {
                assertThat(report).contains("variables]").doesNotContain("hunter2");
                Processes.awaitCommand(pid, "sleep");
                assertThat(Files.readString(output, StandardCharsets.ISO_8859_1)).contains(
                        "ODD=a\u00ff\u00c3\0",
                        "SECRET=hunter2\0");
            } finally {
                Processes.kill(pid);
            }
        }
    }
}
