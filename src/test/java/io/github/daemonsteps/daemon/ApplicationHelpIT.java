package io.github.daemonsteps.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daemonsteps.testing.ChildJvm;
import io.github.daemonsteps.testing.Command;
import io.github.daemonsteps.testing.CommandRunner;
import io.github.daemonsteps.testkit.CommandResult;
import io.github.daemonsteps.testkit.Daemons;
import io.github.daemonsteps.testkit.Launcher;
import io.github.daemonsteps.testkit.TestDirectory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The help and the version of an application that calls {@link Daemon#launch}: the probe in {@code src/it/probe}. */
@Daemons
class ApplicationHelpIT {

    private static final Path JAR = Path.of(System.getProperty("daemonsteps.jar"));
    private static final String MODULE_VERSION = "4.5.6";
    private static final String MANIFEST_VERSION = "7.8.9-SNAPSHOT";

    /** The probe without a version, and as a jar with both versions. */
    @TempDir
    private static Path program;

    private Path directory;
    private CommandRunner runner;

    @BeforeAll
    static void probe_is_compiled_and_packed() throws Exception {
        Path sources = ChildJvm.baseDirectory().resolve("src/it/probe");
        tool("javac", "--release", "25", "--module-path", JAR.toString(), "-d", classes().toString(),
                sources.resolve("module-info.java").toString(),
                sources.resolve("probe/Probe.java").toString(),
                sources.resolve("probe/Agent.java").toString());
        Path manifest = Files.writeString(program.resolve("manifest"),
                "Implementation-Version: " + MANIFEST_VERSION + "\n");
        tool("jar", "--create", "--file", packed().toString(), "--manifest", manifest.toString(),
                "--module-version", MODULE_VERSION, "-C", classes().toString(), ".");
    }

    private static void tool(String name, String... arguments) throws Exception {
        List<String> words = new ArrayList<>(List.of(ChildJvm.java().resolveSibling(name).toString()));
        words.addAll(List.of(arguments));
        Command ended = Command.run(words.toArray(String[]::new));
        assertThat(ended.status()).as(ended.output()).isZero();
    }

    private static Path classes() {
        return program.resolve("classes");
    }

    private static Path packed() {
        return program.resolve("probe.jar");
    }

    @BeforeEach
    void open(Launcher launcher, TestDirectory testDirectory) {
        directory = testDirectory.path();
        runner = new CommandRunner(launcher, directory);
    }

    /** Runs the probe in a JVM that denies native access. */
    private CommandResult application(List<String> paths, String... arguments) throws Exception {
        List<String> words = new ArrayList<>(List.of(ChildJvm.java().toString(), "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC", "--illegal-native-access=deny", "-Dprobe.directory=" + directory));
        words.addAll(paths);
        words.addAll(List.of(arguments));
        return runner.run(words);
    }

    private static List<String> onClassPath(Path application) {
        return List.of("-cp", JAR + ":" + application, "probe.Probe");
    }

    private static List<String> onModulePath(Path application) {
        return List.of("-p", JAR + ":" + application, "-m", "probe/probe.Probe");
    }

    @ParameterizedTest
    @ValueSource(strings = {"help", "--help", "-h", "help start", "stop --help", "status -h"})
    void help_lists_the_subcommands(String line) throws Exception {
        CommandResult help = application(onClassPath(classes()), line.split(" "));
        assertThat(help.status()).isZero();
        assertThat(help.err()).isEmpty();
        assertThat(help.lines()).map(text -> text.replaceFirst("^usage:", "").strip().split(" ")[0])
                .contains("start", "stop", "status", "restart", "reload", "run", "plan", "train", "unit",
                        "logrotate", "help,",
                        "--version");
    }

    @Test
    void version_of_module_is_the_version_of_its_descriptor() throws Exception {
        assertThat(application(onModulePath(packed()), "--version"))
                .isEqualTo(new CommandResult(0, "probe " + MODULE_VERSION + "\n", ""));
    }

    @Test
    void version_of_jar_is_the_implementation_version_of_its_manifest() throws Exception {
        assertThat(application(onClassPath(packed()), "--version"))
                .isEqualTo(new CommandResult(0, "probe " + MANIFEST_VERSION + "\n", ""));
    }

    @Test
    void version_of_application_without_one_is_unknown() throws Exception {
        CommandResult unknown = new CommandResult(0,
                "probe: unknown version: neither its module nor the manifest of its jar has one\n", "");
        assertThat(application(onClassPath(classes()), "--version")).isEqualTo(unknown);
        assertThat(application(onModulePath(classes()), "--version")).isEqualTo(unknown);
    }
}
