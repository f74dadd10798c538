package io.github.daemonsteps.daemon.supervisor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The evidence of a supervisor: a process with the id 70, whose standard output is the file 8:1234. */
class SupervisorTest {

    private static final String NONE = "none";

    private static String supervisor(String variables, OwnProcess process) {
        Map<String, String> environment = new HashMap<>();
        for (String variable : variables.split(" ")) {
            environment.put(variable.substring(0, variable.indexOf('=')),
                    variable.substring(variable.indexOf('=') + 1));
        }
        return Supervisor.of(environment, process).map(Supervisor::toString).orElse(NONE);
    }

    private static OwnProcess process(boolean hasControllingTerminal, boolean isGroupLeader) {
        return new OwnProcess(70, hasControllingTerminal, isGroupLeader, Set.of("8:1234", "0:5"));
    }

    /** Each row: the variables, and the supervisor without a terminal, and with one. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "HOME=/root | none | none",
        "SYSTEMD_EXEC_PID=70 | SYSTEMD | SYSTEMD",
        "SYSTEMD_EXEC_PID=71 | none | none",
        "SYSTEMD_EXEC_PID= | none | none",
        "INVOCATION_ID=0123 | none | none",
        "INVOCATION_ID=0123 JOURNAL_STREAM=8:1234 | SYSTEMD | SYSTEMD",
        "INVOCATION_ID=0123 JOURNAL_STREAM=0:5 | SYSTEMD | SYSTEMD",
        "INVOCATION_ID=0123 JOURNAL_STREAM=8:12345 | none | none",
        "INVOCATION_ID=0123 JOURNAL_STREAM= | none | none",
        "LISTEN_PID=70 LISTEN_FDS=1 | OTHER | OTHER",
        "LISTEN_PID=71 LISTEN_FDS=1 | none | none",
        "WATCHDOG_PID=70 WATCHDOG_USEC=1000000 | OTHER | OTHER",
        "WATCHDOG_PID=71 WATCHDOG_USEC=1000000 | none | none",
        "NOTIFY_SOCKET=/run/notify | OTHER | none",
        "NOTIFY_SOCKET=/run/notify SYSTEMD_EXEC_PID=70 | SYSTEMD | SYSTEMD",
        "NOTIFY_SOCKET=/run/notify SYSTEMD_EXEC_PID=71 | none | none",
        "SUPERVISOR_ENABLED=1 | SUPERVISORD | none",
        "MANAGERPID=1 | none | none"})
    void variable_counts_if_it_is_for_this_process(String variables, String detached, String onTerminal) {
        assertThat(supervisor(variables, process(false, true))).isEqualTo(detached);
        assertThat(supervisor(variables, process(true, true))).isEqualTo(onTerminal);
    }

    @Test
    void descendant_of_a_program_of_supervisord_is_not_the_program() {
        assertThat(supervisor("SUPERVISOR_ENABLED=1", process(false, false))).isEqualTo(NONE);
    }

    @Test
    void process_1_is_that_of_a_container() {
        assertThat(supervisor("HOME=/root", new OwnProcess(1, true, true, Set.of()))).isEqualTo("CONTAINER");
    }

    @Test
    void process_of_a_test_has_no_supervisor_but_that_of_its_variables() {
        OwnProcess own = OwnProcess.current();
        assertThat(own.pid()).isEqualTo(ProcessHandle.current().pid());
        assertThat(own.streams()).isNotEmpty().allMatch(stream -> stream.matches("[0-9]+:[0-9]+"));
        assertThat(Supervisor.of(Map.of(), own)).isEqualTo(Optional.empty());
    }
}
