package io.github.daemonsteps.supervisors;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daemonsteps.supervisors.SupervisorsPage.Commands;
import io.github.daemonsteps.testkit.CommandResult;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The sections of docs/supervisors.md about systemd, under a systemd that is process 1. */
class SystemdIT {

    @TempDir
    private static Path directory;

    private static SystemdRoot systemd;

    @BeforeAll
    static void boot() throws Exception {
        HelloJar hello = HelloJar.build(directory);
        systemd = SystemdRoot.boot(System.getProperty("java.home") + "=/opt/jdk",
                hello.directory() + "=" + HelloJar.DIRECTORY);
    }

    @AfterAll
    static void end() throws Exception {
        if (systemd != null) {
            systemd.close();
        }
    }

    private static String adapt(String example) {
        return example.replace("/usr/bin/java", "/opt/jdk/bin/java -XX:TieredStopAtLevel=1 -XX:+UseSerialGC");
    }

    private static void install(String section) throws Exception {
        for (Map.Entry<String, String> file : SupervisorsPage.files(section).entrySet()) {
            systemd.write(file.getKey(), adapt(file.getValue()));
        }
        systemd.shell("systemctl daemon-reload");
    }

    private static void type(Commands commands) throws Exception {
        CommandResult result =
                systemd.run("/bin/bash", "-c", "exec 2>&1; set -e\n" + adapt(commands.lines()));
        String facts = result + systemd.journal("hello") + systemd.show("hello", "ActiveState", "Result");
        assertThat(result.status()).as(facts).isZero();
        assertThat(result.out()).as(facts).isEqualTo(commands.output());
    }

    @Test
    void forking_unit_of_the_page_prints_what_the_page_shows() throws Exception {
        String section = "systemd, Type=forking";
        install(section);
        for (Commands commands : SupervisorsPage.commands(section)) {
            type(commands);
        }
    }
}
