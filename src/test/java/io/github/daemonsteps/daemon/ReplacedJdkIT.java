package io.github.daemonsteps.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daemonsteps.testing.ChildJvm;
import io.github.daemonsteps.testing.CommandRunner;
import io.github.daemonsteps.testkit.Daemons;
import io.github.daemonsteps.testkit.Launcher;
import io.github.daemonsteps.testkit.TestDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A long-lived launcher whose JDK is upgraded or removed before it starts the daemon. */
@Daemons
class ReplacedJdkIT {

    private Path directory;
    private CommandRunner runner;
    private Path java;

    /** A JDK of links with its own executable file. */
    @BeforeEach
    void makeJdk(Launcher launcher, TestDirectory testDirectory) throws IOException {
        directory = testDirectory.path();
        runner = new CommandRunner(launcher, directory);
        Path home = Path.of(System.getProperty("java.home"));
        Path jdk = Files.createDirectory(directory.resolve("jdk"));
        try (Stream<Path> entries = Files.list(home)) {
            for (Path entry : (Iterable<Path>) entries::iterator) {
                if (!entry.endsWith("bin")) {
                    Files.createSymbolicLink(jdk.resolve(entry.getFileName()), entry);
                }
            }
        }
        java = Files.createDirectory(jdk.resolve("bin")).resolve("java");
        copyJava();
    }

    private void copyJava() throws IOException {
        Path copy = directory.resolve("java.new");
        Files.copy(ChildJvm.java().toRealPath(), copy, StandardCopyOption.COPY_ATTRIBUTES);
        Files.move(copy, java, StandardCopyOption.REPLACE_EXISTING); // as dpkg does
    }

    private ChildJvm launcher(String subcommand) throws Exception {
        List<String> command = new ArrayList<>(
                ChildJvm.command(List.of("-Ddirectory=" + directory), AwaitingApplication.class, subcommand));
        command.set(0, java.toString());
        ChildJvm launcher = ChildJvm.start(runner.builder(command));
        assertThat(launcher.line()).isEqualTo("here");
        return launcher;
    }

    private static List<String> goOn(ChildJvm launcher) throws Exception {
        launcher.send("");
        assertThat(launcher.line()).isEqualTo("goes on");
        return launcher.rest();
    }

    @Test
    void daemon_is_started_with_the_jdk_that_has_the_path_now() throws Exception {
        try (var launcher = launcher("start"); var stopper = launcher("stop")) {
            copyJava();
            assertThat(goOn(launcher)).singleElement().asString().startsWith("app: started, pid ");
            assertThat(goOn(stopper)).singleElement().asString().startsWith("app: stopped, pid ");
        }
    }

    @Test
    void start_with_a_jdk_that_was_removed_names_it() throws Exception {
        try (var launcher = launcher("start")) {
            Files.delete(java);
            assertThat(goOn(launcher)).containsExactly("app: not started: JDK \"" + java + "\": removed or"
                    + " replaced since this JVM was started; start the JVM again");
        }
    }
}
