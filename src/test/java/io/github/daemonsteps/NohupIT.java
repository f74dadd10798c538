package io.github.daemonsteps;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daemonsteps.posix.Processes;
import io.github.daemonsteps.posix.Signal;
import io.github.daemonsteps.posix.SignalSet;
import io.github.daemonsteps.process.ProcessState;
import io.github.daemonsteps.steps.StepName;
import io.github.daemonsteps.steps.StepReport;
import io.github.daemonsteps.testing.LaunchedSteps;
import io.github.daemonsteps.testing.LivenessProbe;
import io.github.daemonsteps.testing.Programs;
import io.github.daemonsteps.testkit.Pty;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The nohup recipe ignores the hangup signal only. */
class NohupIT {

    @Test
    void program_started_by_nohup_survives_the_end_of_its_terminal(@TempDir Path directory)
            throws Exception {
        assertThat(survivesHangup("nohup", directory)).isTrue();
    }

    @Test
    void program_without_nohup_is_killed_by_hangup(@TempDir Path directory) throws Exception {
        assertThat(survivesHangup("fork", directory)).isFalse();
    }

    private static boolean survivesHangup(String recipe, Path directory) throws Exception {
        var probe = new LivenessProbe(directory);
        List<String> arguments = new ArrayList<>(List.of(recipe, "wait"));
        arguments.addAll(probe.command());
        var terminal = Pty.open();
        try (var launched = LaunchedSteps.on(terminal, arguments.toArray(String[]::new))) {
            try {
                int program = launched.program();
                assertThat(ProcessState.of(program).tty()).isEqualTo(terminal.path().toString());
                assertThat(ProcessState.of(program).ignored().contains(Signal.SIGHUP))
                        .isEqualTo(recipe.equals("nohup"));
                terminal.close();
                terminal = null;
                Processes.awaitEnd(launched.pid()); // the session leader: its group has received SIGHUP now
                return probe.answersBeforeItsEnd(program);
            } finally {
                if (terminal != null) {
                    terminal.close();
                }
            }
        }
    }

    @Test
    void nohup_keeps_session_terminal_directory_and_umask() throws Exception {
        try (var terminal = Pty.open();
                var launched = LaunchedSteps.on(terminal, "nohup", "wait", "/bin/sleep", "60")) {
            ProcessState program = ProcessState.of(launched.program());
            ProcessState launcher = ProcessState.of(launched.pid());
            assertThat(launcher.isSessionLeader()).isTrue();
            assertThat(program.sid()).isEqualTo(launcher.sid());
            assertThat(program.pgid()).isEqualTo(launcher.pgid());
            assertThat(program.ppid()).isEqualTo(launcher.pid());
            assertThat(program.tty()).isEqualTo(launcher.tty()).isEqualTo(terminal.path().toString());
            assertThat(program.cwd()).isEqualTo(launcher.cwd());
            assertThat(program.umask()).isEqualTo(launcher.umask());
            assertThat(program.fds()).contains(Map.entry(0, terminal.path().toString()),
                    Map.entry(1, terminal.path().toString()),
                    Map.entry(2, terminal.path().toString()));
            assertThat(launched.lines("report")).extracting(line -> line.split(" ")[0]).containsExactly(
                    "FORK",
                    "IGNORE_HANGUP", "EXEC");
        }
    }

    @Test
    void hangup_is_the_only_signal_that_the_program_ignores() {
        assertThat(ignoredByProgram(DaemonSteps.nohup())).isEqualTo(SignalSet.of(Signal.SIGHUP));
    }

    @Test
    void program_without_ignore_hangup_ignores_no_signal() {
        assertThat(ignoredByProgram(DaemonSteps.nohup().without(StepName.IGNORE_HANGUP)))
                .isEqualTo(SignalSet.NONE);
    }

    private static SignalSet ignoredByProgram(DaemonSteps steps) {
        try (var run = steps.start()) {
            assertThat(run.runRemaining()).noneMatch(StepReport::failed);
            int pid = run.process().pid();
            try {
                assertThat(run.execve(Programs.stopsItself()).failed()).isFalse();
                Programs.awaitStopped(pid);
                return ProcessState.of(pid).ignored();
            } finally {
                Programs.end(pid);
            }
        }
    }
}
