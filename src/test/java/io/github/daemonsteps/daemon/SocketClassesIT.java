package io.github.daemonsteps.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daemonsteps.testing.ChildJvm;
import io.github.daemonsteps.testing.CommandRunner;
import io.github.daemonsteps.testkit.CommandResult;
import io.github.daemonsteps.testkit.Daemons;
import io.github.daemonsteps.testkit.Launcher;
import io.github.daemonsteps.testkit.TestDirectory;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The time of a start does not pay for sockets that it does not use. */
@Daemons
class SocketClassesIT {

    private static final Pattern OF_SOCKETS = Pattern.compile(
            "io\\.github\\.daemonsteps\\.\\S*(Socket|Listen|\\.(sockaddr_|in6?_addr|msghdr|iovec|cmsghdr))");

    @Test
    void start_without_sockets_loads_no_class_of_sockets(Launcher launcher, TestDirectory testDirectory)
            throws Exception {
        Path directory = testDirectory.path();
        var runner = new CommandRunner(launcher, directory);
        List<String> options = List.of("-Ddirectory=" + directory, "-Dlaunch=true",
                "-Xlog:class+load:file=" + directory + "/%p.classes");
        for (String subcommand : List.of("start", "stop")) {
            CommandResult run = runner.run(
                    ChildJvm.command(new ArrayList<>(options), ReturningApplication.class, subcommand));
            assertThat(run.status()).as("%s", run).isZero();
        }
        int processes = 0;
        try (DirectoryStream<Path> logs = Files.newDirectoryStream(directory, "*.classes")) {
            for (Path log : logs) {
                List<String> classes = Files.readAllLines(log);
                assertThat(classes).filteredOn(line -> line.contains("io.github.daemonsteps.")).isNotEmpty();
                assertThat(classes).filteredOn(line -> OF_SOCKETS.matcher(line).find()).isEmpty();
                processes++;
            }
        }
        assertThat(processes).as("launcher, daemon and stop").isEqualTo(3);
    }
}
