package io.github.daemonsteps.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.process.Environment;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;

class CallerEnvironmentTest {

    @Test
    void hidden_variable_of_this_process_alone_gets_its_name_back() {
        var inherited =
                new Environment(CString.listOf("PATH=/bin", "DAEMON_STEPS_12_JAVA_TOOL_OPTIONS=-x", "A=b",
                        "DAEMON_STEPS_12_CLASSPATH=", "DAEMON_STEPS_1_JAVA_TOOL_OPTIONS=forged",
                        "DAEMON_STEPS_123_JAVA_TOOL_OPTIONS=forged"));
        assertThat(CallerEnvironment.of(inherited, 12))
                .isEqualTo(new Environment(List.of(CString.of("PATH=/bin"),
                        CString.of("JAVA_TOOL_OPTIONS=-x"), CString.of("A=b"), CString.of("CLASSPATH="),
                        CString.of("DAEMON_STEPS_1_JAVA_TOOL_OPTIONS=forged"),
                        CString.of("DAEMON_STEPS_123_JAVA_TOOL_OPTIONS=forged"))));
    }

    @Test
    void variables_dropped_or_changed_by_the_shell_are_restored() {
        String kept = Base64.getEncoder()
                .encodeToString(
                        "spring.profiles.active=prod\0PWD=/there\0a-b=1\0".getBytes(StandardCharsets.UTF_8));
        var inherited =
                new Environment(CString.listOf("DAEMON_STEPS_12_KEPT=" + kept, "PWD=/here", "a-b=1", "A=b",
                        "ds_here=/x", "IFS= \n", "DAEMON_STEPS_1_KEPT=forged"));
        assertThat(CallerEnvironment.of(inherited, 12)).isEqualTo(new Environment(CString.listOf("A=b",
                "DAEMON_STEPS_1_KEPT=forged", "spring.profiles.active=prod", "PWD=/there", "a-b=1")));
    }
}
