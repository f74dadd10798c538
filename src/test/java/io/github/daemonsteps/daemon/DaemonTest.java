package io.github.daemonsteps.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.daemonsteps.daemon.config.DaemonConfig;
import io.github.daemonsteps.posix.FileMode;
import io.github.daemonsteps.posix.Signal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class DaemonTest {

    private static final Daemon DAEMON = Daemon.named("d");

    private static final Map<String, Consumer<Daemon>> WRONG = Map.ofEntries(
            Map.entry("umask 07777", daemon -> daemon.umask(FileMode.of(07777))),
            Map.entry("open file limit -1", daemon -> daemon.openFileLimit(-1)),
            Map.entry("kept descriptor 2", daemon -> daemon.keepOpen(3, 2)),
            Map.entry("start timeout 0", daemon -> daemon.startTimeout(Duration.ZERO)),
            Map.entry("stop timeout below 0", daemon -> daemon.stopTimeout(Duration.ofSeconds(-1))),
            Map.entry("reload signal SIGKILL", daemon -> daemon.reloadSignal(Signal.SIGKILL)),
            Map.entry("relative pid file", daemon -> daemon.pidFile(Path.of("d.pid"))),
            Map.entry("relative log", daemon -> daemon.log(Path.of("d.log"))),
            Map.entry("relative error log", daemon -> daemon.errorLog(Path.of("d.err"))),
            Map.entry("relative working directory", daemon -> daemon.workingDirectory(Path.of("srv"))),
            Map.entry("variable without a name", daemon -> daemon.environment("", "x")));

    @TestFactory
    List<DynamicTest> setter_rejects_wrong_value_at_once_and_in_one_line() {
        return WRONG.entrySet().stream()
                .map(each -> DynamicTest.dynamicTest(each.getKey(), () -> assertThatIllegalArgumentException()
                        .isThrownBy(() -> each.getValue().accept(DAEMON))
                        .satisfies(e -> assertThat(e.getMessage()).isNotBlank().hasLineCount(1))))
                .toList();
    }

    @Test
    void kept_descriptors_of_several_calls_add_up() {
        assertThat(DAEMON.keepOpen(5).keepOpen(7, 5).config().kept()).containsExactly(5, 7);
    }

    @Test
    void setter_returns_a_new_daemon_and_leaves_the_old_one() {
        DaemonConfig before = DAEMON.config();
        DAEMON.keepOpen(9).environment("A", "b").jvmOptions("-ea").umask(FileMode.of(077)).failIfRunning();
        assertThat(DAEMON.config()).isEqualTo(before);
        assertThat(before.kept()).isEmpty();
        assertThat(before.variables()).isEmpty();
        assertThat(before.jvmOptions()).isEmpty();
    }
}
