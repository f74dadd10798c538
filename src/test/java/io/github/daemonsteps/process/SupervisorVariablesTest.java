package io.github.daemonsteps.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daemonsteps.posix.CString;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SupervisorVariablesTest {

    private static final Environment OF_SERVICE = environment("PATH=/bin", "LISTEN_PID=7", "LISTEN_FDS=2",
            "LISTEN_FDNAMES=http:https", "LISTEN_PIDFDID=5", "WATCHDOG_PID=7", "WATCHDOG_USEC=1000",
            "NOTIFY_SOCKET=/run/notify",
            "STATE_DIRECTORY=/var/lib/x");

    private static Environment environment(String... variables) {
        return new Environment(CString.listOf(variables));
    }

    @Test
    void descriptors_are_those_of_the_named_process() {
        assertThat(SupervisorVariables.descriptors(OF_SERVICE, 7)).containsExactly(3, 4);
        assertThat(SupervisorVariables.descriptors(OF_SERVICE, 8)).isEmpty();
        assertThat(SupervisorVariables.descriptors(environment("LISTEN_PID=7"), 7)).isEmpty();
        assertThat(SupervisorVariables.descriptors(environment("LISTEN_PID=7", "LISTEN_FDS=-1"), 7))
                .isEmpty();
    }

    @Test
    void environment_of_another_process_has_no_variables_of_this_one() {
        assertThat(SupervisorVariables.forOther(OF_SERVICE, 7, Set.of(3), 9)).isEqualTo(
                environment("PATH=/bin", "NOTIFY_SOCKET=/run/notify", "STATE_DIRECTORY=/var/lib/x"));
        assertThat(SupervisorVariables.forOther(OF_SERVICE, 8, Set.of(3, 4), 9)).isEqualTo(
                environment("PATH=/bin", "NOTIFY_SOCKET=/run/notify", "STATE_DIRECTORY=/var/lib/x"));
    }

    @Test
    void environment_of_another_process_that_keeps_the_descriptors_names_that_process() {
        assertThat(SupervisorVariables.forOther(OF_SERVICE, 7, Set.of(3, 4, 5), 9).variables())
                .contains(CString.of("LISTEN_PID=9"), CString.of("LISTEN_FDS=2"),
                        CString.of("LISTEN_FDNAMES=http:https"))
                .doesNotContain(CString.of("LISTEN_PIDFDID=5"));
    }

    @Test
    void notify_socket_is_that_of_the_process_that_the_supervisor_has_started() {
        assertThat(SupervisorVariables.notifySocket(OF_SERVICE, 7)).contains(CString.of("/run/notify"));
        Environment named = OF_SERVICE.with(CString.of("SYSTEMD_EXEC_PID=7"));
        assertThat(SupervisorVariables.notifySocket(named, 7)).isPresent();
        assertThat(SupervisorVariables.notifySocket(named, 8)).isEmpty();
        assertThat(SupervisorVariables.notifySocket(
                OF_SERVICE.with(CString.of("SYSTEMD_EXEC_PID=x")), 7)).isEmpty();
        assertThat(SupervisorVariables.notifySocket(environment("PATH=/bin"), 7)).isEmpty();
    }

    @Test
    void environment_of_new_main_process_names_that_process() {
        Environment from = OF_SERVICE.with(CString.of("SYSTEMD_EXEC_PID=7"));
        assertThat(SupervisorVariables.forMainProcess(from, environment("HOME=/"), 7, 9)).isEqualTo(
                environment("HOME=/", "NOTIFY_SOCKET=/run/notify", "SYSTEMD_EXEC_PID=9",
                        "WATCHDOG_USEC=1000", "WATCHDOG_PID=9"));
        assertThat(SupervisorVariables.forMainProcess(OF_SERVICE, environment("HOME=/"), 8, 9)).as(
                "the watchdog is that of another process").isEqualTo(
                        environment("HOME=/", "NOTIFY_SOCKET=/run/notify"));
    }

    @Test
    void copy_keeps_existing_variables() {
        Environment copied =
                SupervisorVariables.copy(OF_SERVICE, environment("HOME=/", "NOTIFY_SOCKET=mine"));
        assertThat(copied.get("NOTIFY_SOCKET")).contains(CString.of("mine"));
        assertThat(copied.get("STATE_DIRECTORY")).contains(CString.of("/var/lib/x"));
        assertThat(copied.get("LISTEN_FDS")).contains(CString.of("2"));
        assertThat(copied.get("PATH")).isEmpty();
    }
}
