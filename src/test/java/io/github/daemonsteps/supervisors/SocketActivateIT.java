package io.github.daemonsteps.supervisors;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daemonsteps.posix.Processes;
import io.github.daemonsteps.posix.Signal;
import io.github.daemonsteps.testing.Await;
import io.github.daemonsteps.testing.ChildJvm;
import io.github.daemonsteps.testing.Tool;
import io.github.daemonsteps.testkit.Daemons;
import io.github.daemonsteps.testkit.Launcher;
import io.github.daemonsteps.testkit.TestDirectory;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The section of docs/supervisors.md about systemd-socket-activate. */
@Daemons
class SocketActivateIT {

    @Test
    void application_of_the_page_is_started_by_a_connection_and_stopped(Launcher launcher,
            TestDirectory directory) throws Exception {
        Tool.need("systemd-socket-activate");
        String section = "systemd-socket-activate";
        var example = new Supervised(section, launcher, directory.path(), Map.of());
        String command = example.adapt(SupervisorsPage.commands(section).getFirst().lines());
        Process activator = example.supervisor("/bin/sh", "-c", "exec " + command);
        try {
            Await.until(() -> example.log().contains("Listening on 127.0.0.1:"), example::log);
            assertThat(example.get("/")).isEqualTo("hello, 0 reloads\n");
            assertThat(example.log()).contains("hello: ready: listening on /127.0.0.1:");
            Processes.signal((int) activator.pid(), Signal.SIGHUP);
            Await.until(() -> example.get("/").equals("hello, 1 reloads\n"), example::log);
            Processes.signal((int) activator.pid(), Signal.SIGTERM);
            assertThat(activator.waitFor(ChildJvm.DEADLINE.toSeconds(), TimeUnit.SECONDS)).isTrue();
            assertThat(activator.exitValue()).as(example.log()).isZero();
        } finally {
            activator.destroyForcibly().waitFor();
        }
    }
}
