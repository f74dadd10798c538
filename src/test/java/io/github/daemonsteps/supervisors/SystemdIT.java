package io.github.daemonsteps.supervisors;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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
        return example.replace("/usr/bin/java", "/opt/jdk/bin/java " + HelloJar.OPTIONS);
    }

    private static void install(String section) throws Exception {
        for (Map.Entry<String, String> file : SupervisorsPage.files(section).entrySet()) {
            systemd.write(file.getKey(), adapt(file.getValue()));
        }
        systemd.shell("systemctl daemon-reload");
    }

    private static void type(String section) throws Exception {
        new PageSession(script -> systemd.run("/bin/bash", "-c", script), SystemdIT::adapt,
                () -> systemd.show("hello", "ActiveState", "Result") + "\n" + systemd.journal("hello"))
                .type(section);
    }

    @ParameterizedTest
    @ValueSource(strings = {"systemd, Type=exec", "systemd, Type=forking", "systemd, Type=oneshot"})
    void unit_of_the_page_is_started_asked_and_stopped(String section) throws Exception {
        install(section);
        type(section);
    }
}
