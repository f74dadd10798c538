package io.github.daemonsteps.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daemonsteps.Environment;
import io.github.daemonsteps.posix.CString;
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
}
