package io.github.daemonsteps.daemon.start;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ServiceUnitTest {

    @ParameterizedTest
    @CsvSource({"0::/system.slice/x.service,x.service", "0::/x.service,x.service",
        "0::/system.slice/x.service/payload,x.service",
        "0::/system.slice/system-x.slice/x@1.service,x@1.service",
        "0::/user.slice/user-1.slice/user@1.service/app.slice/x.service,x.service",
        "10:name=systemd:/system.slice/a:b.service,a:b.service"})
    void control_group_of_a_service_names_the_innermost(String line, String unit) {
        assertThat(ServiceUnit.of(line + "\n")).contains(unit);
        assertThat(ServiceUnit.of("4:memory:/other.service\n1:cpu,cpuacct:/\n" + line + "\n")).contains(unit);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\n", "0::/\n", "0::/system.slice\n",
        "0::/user.slice/user-1.slice/session-2.scope\n",
        "0::/user.slice/user-1.slice/user@1.service/app.slice/vte-spawn-1.scope\n", "4:memory:/x.service\n",
        "1:name=other:/x.service\n", "10::/x.service\n", "0::/x.services\n", "x.service\n", "0:x.service"})
    void control_group_that_is_not_of_a_service_names_none(String text) {
        assertThat(ServiceUnit.of(text)).isEqualTo(Optional.empty());
    }

    @Test
    void both_hierarchies_of_a_hybrid_system_are_read() {
        assertThat(ServiceUnit.of("9:name=systemd:/x.service\n0::/\n")).contains("x.service");
        assertThat(ServiceUnit.of("9:name=systemd:/\n0::/x.service\n")).contains("x.service");
    }
}
