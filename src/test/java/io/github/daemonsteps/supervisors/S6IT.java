package io.github.daemonsteps.supervisors;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daemonsteps.testing.ChildJvm;
import io.github.daemonsteps.testing.Tool;
import io.github.daemonsteps.testkit.Daemons;
import io.github.daemonsteps.testkit.Launcher;
import io.github.daemonsteps.testkit.TestDirectory;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The section of docs/supervisors.md about s6. */
@Daemons
class S6IT {

    @Test
    void service_of_the_page_answers_reloads_and_stops(Launcher launcher,
            TestDirectory directory)
            throws Exception {
        String scan = Files.createDirectory(directory.file("service")).toString();
        var s6 = new Supervised("s6", launcher, directory.path(), Map.of("/run/service", scan));
        Process supervisor = s6.supervisor(Tool.need("s6-svscan"), scan);
        try {
            s6.install();
            s6.type();
        } finally {
            s6.runner().run(List.of("s6-svscanctl", "-t", scan));
            assertThat(supervisor.waitFor(ChildJvm.DEADLINE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        }
    }
}
