package io.github.daemonsteps.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daemonsteps.process.Program;
import io.github.daemonsteps.testkit.Faults;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Two starts share a log that does not exist yet, and one of them fails. */
@Timeout(120)
class SharedLogIT {

    private static final int REQUEST_SECONDS = 20;

    /**
     * The approximate number of requests of a rollback: each of them is an instant, and so are some before.
     */
    private static final int LAST_REQUESTS = 30;

    private static final int STRIDE = 12;

    @TempDir
    private Path directory;

    private Path log;

    @BeforeEach
    void name() throws Exception {
        directory = directory.toRealPath();
        log = directory.resolve("shared.log");
    }

    private Daemon daemon(String name) {
        return Daemon.named(name).pidFile(directory.resolve(name + ".pid")).log(log)
                .startTimeout(Duration.ofSeconds(60)).stopTimeout(Duration.ofSeconds(20));
    }

    private StartResult startFailing(Faults.Script script) {
        var faults = new Faults(script);
        Daemon failing =
                daemon("failing").callTimeout(Duration.ofSeconds(REQUEST_SECONDS)).interceptCalls(faults);
        StartResult result =
                failing.start(Program.of("/bin/sh", "-c", "exit 3"), Readiness.notificationFd(9));
        assertThat(result).isInstanceOf(StartResult.Failed.class);
        return result;
    }

    private StartResult startLiving() {
        return daemon("living").start(
                // Without a subshell, descriptor 1 of this shell would be the pipe for a moment.
                Program.of("/bin/sh", "-c", "echo first; (echo >&9); exec 9>&-; exec sleep 300"),
                Readiness.notificationFd(9));
    }

    /** Starts the surviving daemon before the request with this number, and counts the requests. */
    private final class StartBefore implements Faults.Script {

        private final int request;
        private int seen;
        private StartResult living;

        StartBefore(int request) {
            this.request = request;
        }

        @Override
        public void before(List<Faults.Call> calls) {
            if (seen++ == request) {
                living = startLiving();
            }
        }
    }

    @Test
    void log_of_the_daemon_that_lives_stays_whenever_the_other_start_fails() throws Exception {
        var count = new StartBefore(-1);
        startFailing(count);
        Files.deleteIfExists(log);
        for (int request = 0; request < count.seen; request += request < count.seen - LAST_REQUESTS
                ? STRIDE
                : 1) {
            var script = new StartBefore(request);
            startFailing(script);
            if (script.living == null) {
                break; // the number of checks of an exiting process varies
            }
            assertThat(script.living).as("before request %d", request)
                    .isInstanceOf(StartResult.Started.class);
            int pid = ((StartResult.Started) script.living).pid();
            try {
                assertThat(log).as("before request %d", request).content().startsWith("first\n");
                assertThat(Files.readAttributes(Path.of("/proc/" + pid + "/fd/1"), "unix:ino"))
                        .as("before request %d", request)
                        .isEqualTo(Files.readAttributes(log, "unix:ino", LinkOption.NOFOLLOW_LINKS));
            } finally {
                assertThat(daemon("living").stop())
                        .isInstanceOf(StopResult.Stopped.class);
            }
            Files.delete(log);
        }
    }

    @Test
    void log_of_a_failed_start_stays_empty() {
        startFailing(new Faults.Script() {});
        assertThat(log).isEmptyFile();
    }
}
