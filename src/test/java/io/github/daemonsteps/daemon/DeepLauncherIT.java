package io.github.daemonsteps.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daemonsteps.testing.ChildJvm;
import io.github.daemonsteps.testing.CommandRunner;
import io.github.daemonsteps.testkit.Daemons;
import io.github.daemonsteps.testkit.Launcher;
import io.github.daemonsteps.testkit.TestDirectory;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A launcher whose stack is nearly at its end starts a daemon, or leaves nothing. */
@Daemons
@Timeout(600)
class DeepLauncherIT {

    private Path directory;
    private CommandRunner runner;

    @BeforeEach
    void open(Launcher launcher, TestDirectory testDirectory) {
        directory = testDirectory.path();
        runner = new CommandRunner(launcher, directory);
    }

    @ParameterizedTest
    @CsvSource({"start, 280", "fork, 280", "steps, 280"})
    void launcher_near_the_end_of_its_stack_starts_a_daemon_or_leaves_nothing(String what, String depths)
            throws Exception {
        try (var launcher = ChildJvm.start(runner.builder(ChildJvm.command(List.of("-Xint", "-Xmx16m"),
                DeepLauncher.class, directory.toString(), what, depths)))) {
            List<String> findings = launcher.rest().stream()
                    .filter(line -> !line.startsWith(DeepLauncher.REACHED)).toList();
            assertThat(launcher.status()).as("%s", findings).isZero();
            assertThat(findings).singleElement().asString().matches("done [1-9]\\d*, too deep [1-9]\\d*");
        }
    }
}
