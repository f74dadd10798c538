package io.github.daemonsteps.testkit;

import static io.github.daemonsteps.testkit.DaemonAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.daemonsteps.daemon.ReloadResult;
import io.github.daemonsteps.daemon.Status;
import io.github.daemonsteps.process.ProcessState;
import io.github.daemonsteps.testing.Await;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** An application under test as a real daemon. */
@Daemons
class DaemonUnderTestIT {

    @Test
    void application_is_a_proper_daemon_that_reloads_and_stops() throws Exception {
        Path directory;
        try (var echo = TestDaemon.start(EchoDaemon.class, "a", "b c")) {
            directory = echo.directory().path();
            assertThat(echo.result()).isStarted().hasReadyText("arguments [a, b c]").hasPid(echo.pid());
            assertThat(ProcessState.of(echo.pid())).isNotSessionLeader().hasNoControllingTerminal()
                    .hasWorkingDirectory(Path.of("/")).isOrphan();
            assertThat(echo.status().state()).isInstanceOf(Status.State.Running.class);
            assertThat(echo.reload()).isInstanceOf(ReloadResult.Signalled.class);
            Await.until(() -> echo.log().contains("reloading"));
            assertThat(echo.stop().message()).startsWith("EchoDaemon: stopped");
            assertThat(echo.log()).contains("stopping");
            assertThat(ProcessState.of(echo.pid())).hasEnded();
        }
        assertThat(directory).doesNotExist();
    }

    @Test
    void default_files_of_the_application_are_in_the_test_directory() throws Exception {
        try (var echo = TestDaemon.start(EchoDaemon.class, List.of("-Xmx32m"))) {
            echo.reload();
            Await.until(() -> echo.log().contains("reloading"));
            assertThat(echo.directory().file("echo.log")).exists();
        }
        assertThat(Path.of("/var/log/echo.log")).doesNotExist();
    }

    @Test
    void application_that_fails_has_its_reason_and_the_end_of_its_log() {
        try (var echo = TestDaemon.start(EchoDaemon.class, "fail")) {
            assertThat(echo.result()).hasFailed().hasReason("no configuration");
            assertThatThrownBy(echo::pid).isInstanceOf(AssertionError.class)
                    .hasMessageContaining("EchoDaemon: not started").hasMessageContaining("  about to fail");
        }
    }

    @Test
    void start_of_this_jvm_in_a_test_fails_and_names_the_test_daemon(Launcher launcher) {
        assertThat(launcher.daemon("x").start("argument")).hasFailed()
                .hasReason("; the program of this JVM, ")
                .hasReason(
                        " must call Daemon.launch or Daemon.run; in a test use TestDaemon of daemon-steps-testkit");
    }

    @Test
    void class_without_a_file_is_refused() {
        assertThatThrownBy(() -> TestDaemon.start(String.class)).isInstanceOf(IllegalArgumentException.class)
                .hasMessage("class java.lang.String is not an application: it has no class file");
    }

    @Test
    void daemon_that_the_test_does_not_stop_is_stopped_at_the_end() {
        TestDaemon closed;
        try (var echo = TestDaemon.start(EchoDaemon.class)) {
            closed = echo;
        }
        assertThat(ProcessState.of(closed.pid())).hasEnded();
        assertThat(closed.log()).contains("stopping");
    }
}
