package io.github.daemonsteps;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daemonsteps.posix.FileMode;
import io.github.daemonsteps.posix.Processes;
import io.github.daemonsteps.posix.SignalSet;
import io.github.daemonsteps.process.ProcessState;
import io.github.daemonsteps.testing.LaunchedSteps;
import io.github.daemonsteps.testing.LivenessProbe;
import io.github.daemonsteps.testing.OrdinaryUser;
import io.github.daemonsteps.testing.Programs;
import io.github.daemonsteps.testkit.Pty;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The seven steps and then a program: a proper daemon, for any launcher. */
class ClassicDaemonIT {

    private static final List<String> SEVEN =
            List.of("FORK", "SETSID", "FORK_AGAIN", "CHDIR", "UMASK", "CLOSE", "REOPEN");

    /** Each command starts the launcher with signals ignored or blocked. */
    static final List<List<String>> ODD_LAUNCHERS = List.of(List.of(),
            List.of("env", "--ignore-signal=HUP"),
            List.of("env", "--ignore-signal=CHLD"),
            List.of("env", "--block-signal=USR1"),
            List.of("env", "--ignore-signal", "--block-signal"));

    @ParameterizedTest
    @FieldSource("ODD_LAUNCHERS")
    void daemon_is_proper_with_any_signal_state_of_its_launcher(List<String> prefix) throws Exception {
        List<String> command = List.of("classic", "exit", "/bin/sh", "-c", "kill -STOP $$");
        try (var launched = LaunchedSteps.start(prefix, List.of(), command.toArray(String[]::new))) {
            int pid = launched.program();
            Programs.awaitStopped(pid);
            isDaemon(ProcessState.of(pid));
            assertThat(launched.lines("report")).extracting(ClassicDaemonIT::step)
                    .isEqualTo(append(SEVEN, "EXEC")).isEqualTo(launched.lines("report").stream()
                            .filter(line -> line.contains(" Done: ")).map(ClassicDaemonIT::step).toList());
            assertThat(launched.status()).isZero();
            isDaemon(ProcessState.of(pid));
        }
    }

    private static void isDaemon(ProcessState state) {
        assertThat(state.isSessionLeader()).isFalse();
        assertThat(state.isGroupLeader()).isFalse();
        assertThat(state.sid()).isEqualTo(state.pgid()).isPositive();
        assertThat(state.terminal()).isZero();
        assertThat(state.cwd()).isEqualTo("/");
        assertThat(state.umask()).isEqualTo(FileMode.of(0));
        assertThat(state.fds()).isEqualTo(Map.of(0, "/dev/null", 1, "/dev/null", 2, "/dev/null"));
        assertThat(state.blocked()).isEqualTo(SignalSet.NONE);
        assertThat(state.ignored()).isEqualTo(SignalSet.NONE);
    }

    @Test
    void child_keeps_the_signal_state_of_its_launcher_until_exec() throws Exception {
        List<String> prefix = List.of("env", "--ignore-signal=HUP", "--ignore-signal=CHLD");
        try (var launched = LaunchedSteps.start(prefix, List.of(), "classic")) {
            assertThat(launched.lines("ignored")).singleElement().asString().contains("SIGHUP", "SIGCHLD");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"wait", "exit"})
    void daemon_survives_the_end_of_its_terminal(String then, @TempDir Path directory)
            throws Exception {
        var probe = new LivenessProbe(directory);
        List<String> arguments = new ArrayList<>(List.of("classic", then));
        arguments.addAll(probe.command());
        var terminal = Pty.open();
        try (var launched = LaunchedSteps.on(terminal, arguments.toArray(String[]::new))) {
            int program;
            try {
                program = launched.program();
                assertThat(ProcessState.of(program).ignored()).isEqualTo(SignalSet.NONE);
                if (then.equals("wait")) {
                    assertThat(ProcessState.of(launched.pid()).tty()).isEqualTo(terminal.path().toString());
                } else {
                    assertThat(launched.status()).isZero();
                }
            } finally {
                terminal.close();
            }
            Processes.awaitEnd(launched.pid());
            assertThat(ProcessState.of(program).tty()).isNull();
            assertThat(probe.answersBeforeItsEnd(program)).isTrue();
        }
    }

    @Test
    void ordinary_user_can_take_all_seven_steps(@TempDir Path directory) throws Exception {
        var user = new OrdinaryUser(directory);
        try (var launched = user.launch("classic", "wait", "/bin/sh", "-c", "kill -STOP $$")) {
            int pid = launched.program();
            assertThat(launched.lines("report")).filteredOn(line -> line.contains(" Done: "))
                    .extracting(ClassicDaemonIT::step).isEqualTo(append(SEVEN, "EXEC"));
            Programs.awaitStopped(pid);
            isDaemon(ProcessState.of(pid));
            assertThat(ProcessState.of(pid).uid()).isEqualTo(user.uid());
        }
    }

    @Test
    void run_that_stops_before_the_program_leaves_nothing_even_if_SIGCHLD_is_ignored() throws Exception {
        try (var launched =
                LaunchedSteps.start(List.of("env", "--ignore-signal=CHLD"), List.of(), "classic")) {
            assertThat(launched.lines("report")).filteredOn(line -> line.contains(" Done: "))
                    .extracting(ClassicDaemonIT::step).isEqualTo(SEVEN);
            assertThat(launched.status()).isZero();
            assertThat(launched.left()).isEmpty();
        }
    }

    private static String step(String report) {
        return report.substring(0, report.indexOf(' '));
    }

    private static List<String> append(List<String> list, String last) {
        List<String> longer = new ArrayList<>(list);
        longer.add(last);
        return longer;
    }
}
