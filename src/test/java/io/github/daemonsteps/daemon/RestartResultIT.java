package io.github.daemonsteps.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daemonsteps.posix.Processes;
import io.github.daemonsteps.process.Program;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@link Daemon#restart(Program, Readiness)}, and its result. */
class RestartResultIT {

    private static final Program SLEEP = Program.of("/bin/sleep", "300");
    private static final Readiness AT_ONCE = Readiness.aliveAfter(Duration.ofMillis(1));

    @TempDir
    private Path directory;

    private final List<StopResult> stops = new ArrayList<>();
    private Daemon daemon;

    @BeforeEach
    void open() {
        daemon = Daemon.named("d").pidFile(directory.resolve("d.pid")).log(directory.resolve("d.log"))
                .stopTimeout(Duration.ofSeconds(10));
    }

    @AfterEach
    void no_process_is_left() {
        assertThat(daemon.stop()).isNotInstanceOf(StopResult.Failed.class);
    }

    private int start() {
        return ((StartResult.Started) daemon.start(SLEEP, AT_ONCE)).pid();
    }

    @Test
    void restart_stops_the_daemon_and_starts_the_program() {
        int old = start();
        RestartResult result = daemon.restart(SLEEP, AT_ONCE, stops::add);
        assertThat(result).isInstanceOfSatisfying(RestartResult.Restarted.class, restarted -> {
            assertThat(restarted.stopped()).isInstanceOf(StopResult.Stopped.class);
            assertThat(stops).containsExactly(restarted.stopped());
            assertThat(restarted.started()).isInstanceOfSatisfying(StartResult.Started.class,
                    started -> assertThat(started.pid()).isNotEqualTo(old));
        });
        assertThat(Processes.hasEnded(old)).isTrue();
        assertThat(ExitStatus.of(result)).isZero();
    }

    @Test
    void restart_of_a_daemon_that_does_not_run_starts_it() {
        assertThat(daemon.restart(SLEEP, AT_ONCE)).isInstanceOfSatisfying(RestartResult.Restarted.class,
                restarted -> {
                    assertThat(restarted.stopped()).isInstanceOf(StopResult.NotRunning.class);
                    assertThat(restarted.started()).isInstanceOf(StartResult.Started.class);
                });
    }

    @Test
    void restart_that_would_fail_stops_nothing_and_reports_the_running_daemon() {
        int pid = start();
        RestartResult result =
                daemon.restart(Program.of(directory + "/absent"), AT_ONCE, stops::add);
        assertThat(result).isInstanceOf(RestartResult.Refused.class);
        assertThat(result.message()).startsWith("d: not started: ")
                .endsWith("; process " + pid + " was not stopped, and runs on");
        assertThat(ExitStatus.of(result)).isEqualTo(5);
        assertThat(ExitStatus.isError(result)).isTrue();
        assertThat(stops).isEmpty();
        assertThat(daemon.status().state()).isInstanceOfSatisfying(Status.State.Running.class,
                running -> assertThat(running.pid()).isEqualTo(pid));
    }

    @Test
    void restart_that_would_fail_reports_no_running_daemon() {
        RestartResult result = daemon.restart(Program.of(directory + "/absent"), AT_ONCE);
        assertThat(result.message()).startsWith("d: not started: ").doesNotContain("runs on");
    }
}
