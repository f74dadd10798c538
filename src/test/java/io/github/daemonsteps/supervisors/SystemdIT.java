package io.github.daemonsteps.supervisors;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
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

    @AfterEach
    void remove_units() throws Exception {
        systemd.shell("systemctl stop 'hello.*'; rm -rf /etc/systemd/system/hello.*; systemctl daemon-reload;"
                + " systemctl reset-failed");
    }

    @ParameterizedTest
    @ValueSource(strings = {"systemd, a socket", "systemd, Type=exec", "systemd, start with Type=notify",
        "systemd, Type=forking", "systemd, Type=oneshot"})
    void unit_of_the_page_is_started_asked_and_stopped(String section) throws Exception {
        install(section);
        type(section);
    }

    @Test
    void unit_of_the_page_with_a_watchdog_is_restarted_if_the_application_is_not_healthy() throws Exception {
        systemd.write("/etc/systemd/system/hello.service.d/watchdog.conf", "[Service]\nWatchdogSec=1\n");
        install("systemd, Type=notify");
        type("systemd, Type=notify");
        assertThat(systemd.journal("hello")).contains("Watchdog timeout (limit 1s)!", "result 'watchdog'");
    }

    @Test
    void reload_of_a_notify_reload_unit_of_the_page_waits_for_the_reload_actions() throws Exception {
        Assumptions.assumeTrue(systemd.version() >= 253, "notify-reload is newer than this systemd");
        install("systemd, Type=notify-reload");
        type("systemd, Type=notify-reload");
    }
}
