package io.github.daemonsteps.supervisors;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The examples of docs/supervisors.md are all found, so that no test passes by missing them. */
class SupervisorsPageTest {

    /** Has no test, and says so. */
    private static final String UNTESTED = "OpenRC";

    @Test
    void each_section_is_that_of_a_test() {
        assertThat(SupervisorsPage.headings()).containsExactly(HelloJar.SECTION, "systemd, Type=notify",
                "systemd, Type=notify-reload", "systemd, a socket", "systemd-socket-activate",
                "systemd, Type=exec", "systemd, start with Type=notify", "systemd, Type=forking",
                "systemd, Type=oneshot", "s6", "runit", "supervisord", UNTESTED, "Docker and Kubernetes",
                "cron and ssh");
    }

    @Test
    void table_has_each_supervisor() {
        List<String> sections = SupervisorsPage.headings();
        assertThat(SupervisorsPage.rows()).containsExactlyElementsOf(sections.subList(1, sections.size()));
    }

    @Test
    void section_without_a_test_says_so() {
        assertThat(SupervisorsPage.section(UNTESTED)).contains("No test runs this example");
    }

    @ParameterizedTest
    @ValueSource(strings = {"systemd, Type=notify", "systemd, Type=notify-reload", "systemd, Type=exec",
        "systemd, start with Type=notify", "systemd, Type=forking", "systemd, Type=oneshot"})
    void section_of_systemd_has_a_unit_and_ends_with_its_stop(String section) {
        assertThat(SupervisorsPage.file(section, "/etc/systemd/system/hello.service")).startsWith("[Unit]\n");
        assertThat(SupervisorsPage.commands(section).getLast().lines())
                .contains("systemctl stop hello\n", "systemctl show ");
    }
}
