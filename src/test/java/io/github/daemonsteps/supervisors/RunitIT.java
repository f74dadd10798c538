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
import java.nio.file.Files;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The section of docs/supervisors.md about runit. */
@Daemons
class RunitIT {

    @Test
    void service_of_the_page_answers_reloads_and_stops(Launcher launcher,
            TestDirectory directory)
            throws Exception {
        String scan = Files.createDirectory(directory.file("service")).toString();
        Tool.need("curl");
        Tool.need("sv");
        var runit = new Supervised("runit", launcher, directory.path(), Map.of("/etc/service", scan));
        runit.install();
        Process supervisor = runit.supervisor(Tool.need("runsvdir"), scan);
        try {
            runit.type();
        } finally {
            Processes.signal((int) supervisor.pid(), Signal.SIGHUP); // ends the services too
            assertThat(supervisor.waitFor(ChildJvm.DEADLINE.toSeconds(), TimeUnit.SECONDS)).isTrue();
            Await.until(() -> runit.runner().processes().isEmpty(), runit::log);
        }
    }
}
