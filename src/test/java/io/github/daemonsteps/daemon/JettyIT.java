package io.github.daemonsteps.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daemonsteps.steps.extra.DropPrivileges;
import io.github.daemonsteps.testing.ChildJvm;
import io.github.daemonsteps.testing.Command;
import io.github.daemonsteps.testing.CommandRunner;
import io.github.daemonsteps.testing.HttpAnswer;
import io.github.daemonsteps.testing.Tool;
import io.github.daemonsteps.testkit.CommandResult;
import io.github.daemonsteps.testkit.Daemons;
import io.github.daemonsteps.testkit.Launcher;
import io.github.daemonsteps.testkit.TestDirectory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Jetty on a socket that root has bound, by the application in {@code src/it/jetty}. */
@Daemons
class JettyIT {

    private static final String CLASS_PATH = ChildJvm.baseDirectory().resolve("target/jetty") + "/*:"
            + System.getProperty("daemonsteps.jar");
    private static final Pattern STARTED = Pattern.compile("web: started, pid (\\d+): listening on (\\d+)\n");

    @TempDir
    private static Path classes;

    private Path directory;
    private CommandRunner runner;

    @BeforeAll
    static void application_is_compiled() throws Exception {
        Command javac = Command.run(ChildJvm.java().resolveSibling("javac").toString(), "--release", "25",
                "-cp", CLASS_PATH, "-d", classes.toString(),
                ChildJvm.baseDirectory().resolve("src/it/jetty/web/JettyApplication.java").toString());
        assertThat(javac.status()).as(javac.output()).isZero();
        Files.setPosixFilePermissions(classes, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    @BeforeEach
    void open(Launcher launcher, TestDirectory testDirectory) {
        directory = testDirectory.path();
        runner = new CommandRunner(launcher, directory);
    }

    private List<String> words(String address, List<String> options, String subcommand) {
        List<String> words = new ArrayList<>(List.of(ChildJvm.java().toString(), "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC", "--enable-native-access=ALL-UNNAMED", "-Dweb.files=" + directory,
                "-Dweb.address=" + address));
        words.addAll(options);
        words.addAll(List.of("-cp", CLASS_PATH + ":" + classes, "web.JettyApplication", subcommand));
        return words;
    }

    @Test
    void jetty_serves_the_inherited_channel() throws Exception {
        CommandResult start = runner.run(words("127.0.0.1:0", List.of(), "start"));
        Matcher started = STARTED.matcher(start.out());
        assertThat(started.matches()).as("%s", start).isTrue();
        assertThat(HttpAnswer.get("http://127.0.0.1:" + started.group(2) + "/").body())
                .isEqualTo(System.getProperty("user.name"));
        CommandResult stop = runner.run(words("127.0.0.1:0", List.of(), "stop"));
        assertThat(stop.out()).isEqualTo("web: stopped, pid " + started.group(1) + "\n");
    }

    /** A network namespace of its own, in which the port is free. */
    @Test
    void jetty_serves_port_80_as_nobody() throws Exception {
        Assumptions.assumeTrue(DropPrivileges.isPermitted(), "only root can start daemons as another user");
        Tool.need("ip");
        List<String> words = new ArrayList<>(List.of(Tool.need("unshare"), "--net", "/bin/sh", "-c",
                "ip link set lo up; exec \"$@\"", "sh"));
        words.addAll(words("127.0.0.1:80", List.of("-Dweb.user=nobody"), "start"));
        CommandResult start = runner.run(words);
        Matcher started = STARTED.matcher(start.out());
        assertThat(started.matches()).as("%s", start).isTrue();
        assertThat(started.group(2)).isEqualTo("80");
        Command client = Command.run(Tool.need("nsenter"), "--net", "--target", started.group(1),
                Tool.need("curl"), "--silent", "--noproxy", "*", "http://127.0.0.1/");
        assertThat(client.output()).isEqualTo("nobody");
        assertThat(runner.run(words("127.0.0.1:80", List.of(), "stop")).status()).isZero();
    }
}
