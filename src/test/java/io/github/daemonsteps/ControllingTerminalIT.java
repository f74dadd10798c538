package io.github.daemonsteps;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.ForkedProcess;
import io.github.daemonsteps.posix.OpenFlag;
import io.github.daemonsteps.process.ProcessState;
import io.github.daemonsteps.steps.ForkAgain;
import io.github.daemonsteps.steps.ReopenStandardDescriptors;
import io.github.daemonsteps.steps.StartSession;
import io.github.daemonsteps.steps.StepOutcome;
import io.github.daemonsteps.steps.StreamTarget;
import io.github.daemonsteps.testing.LaunchedSteps;
import io.github.daemonsteps.testkit.Pty;
import java.util.EnumSet;
import org.junit.jupiter.api.Test;

/** Why one fork is not enough: the processes that can get a controlling terminal, and those that cannot. */
class ControllingTerminalIT {

    @Test
    void session_leader_that_opens_a_terminal_gets_it() {
        try (var terminal = Pty.open(); var process = ForkedProcess.fork()) {
            assertThat(new StartSession().run(process).outcome()).isInstanceOf(StepOutcome.Done.class);
            open(terminal, process);
            assertThat(tty(process)).isEqualTo(terminal.path().toString());
        }
    }

    @Test
    void session_leader_that_opens_a_terminal_with_O_NOCTTY_does_not_get_it() {
        try (var terminal = Pty.open(); var process = ForkedProcess.fork()) {
            assertThat(new StartSession().run(process).outcome()).isInstanceOf(StepOutcome.Done.class);
            open(terminal, process, OpenFlag.O_NOCTTY);
            assertThat(ProcessState.of(process.pid()).fds()).containsValue(terminal.path().toString());
            assertThat(tty(process)).isNull();
        }
    }

    @Test
    void process_after_the_second_fork_does_not_get_it() {
        try (var terminal = Pty.open(); var process = ForkedProcess.fork()) {
            assertThat(new StartSession().run(process).outcome()).isInstanceOf(StepOutcome.Done.class);
            assertThat(new ForkAgain().run(process).outcome()).isInstanceOf(StepOutcome.Done.class);
            open(terminal, process);
            assertThat(ProcessState.of(process.pid()).fds()).containsValue(terminal.path().toString());
            assertThat(tty(process)).isNull();
        }
    }

    @Test
    void session_has_at_most_one_terminal() {
        try (var terminal = Pty.open(); var other = Pty.open(); var process = ForkedProcess.fork()) {
            process.setsid();
            open(terminal, process);
            open(other, process);
            assertThat(tty(process)).isEqualTo(terminal.path().toString());
        }
    }

    @Test
    void terminal_belongs_to_at_most_one_session() {
        try (var terminal = Pty.open(); var process = ForkedProcess.fork();
                var other = ForkedProcess.fork()) {
            process.setsid();
            other.setsid();
            open(terminal, process);
            open(terminal, other);
            assertThat(tty(process)).isEqualTo(terminal.path().toString());
            assertThat(tty(other)).isNull();
        }
    }

    @Test
    void standard_descriptor_on_a_terminal_is_not_a_controlling_terminal() {
        try (var terminal = Pty.open(); var process = ForkedProcess.fork()) {
            process.setsid();
            StreamTarget output = StreamTarget.console();
            var onTerminal = new StreamTarget(CString.of(terminal.path().toString()),
                    output.flags(), output.mode());
            assertThat(
                    new ReopenStandardDescriptors(StreamTarget.devNull(), onTerminal, onTerminal).run(process)
                            .outcome())
                    .isInstanceOf(StepOutcome.Done.class);
            assertThat(ProcessState.of(process.pid()).fds()).containsEntry(1, terminal.path().toString());
            assertThat(tty(process)).isNull();
        }
    }

    @Test
    void controlling_terminal_can_be_opened_before_setsid_and_not_after() throws Exception {
        try (var terminal = Pty.open(); var launched = LaunchedSteps.on(terminal, "open-terminal")) {
            assertThat(launched.line()).isEqualTo("opened");
            assertThat(launched.line()).startsWith("report SETSID Done");
            assertThat(launched.line()).startsWith("open(\"/dev/tty\"").endsWith("(ENXIO, 6)");
        }
    }

    private static void open(Pty terminal, ForkedProcess process, OpenFlag... more) {
        var flags = EnumSet.of(OpenFlag.O_RDWR, more);
        process.open(terminal.path().toString(), flags.toArray(OpenFlag[]::new));
    }

    private static String tty(ForkedProcess process) {
        return ProcessState.of(process.pid()).tty();
    }
}
