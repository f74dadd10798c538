package io.github.daemonsteps.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daemonsteps.posix.CallInterceptor.Place;
import io.github.daemonsteps.posix.Processes;
import io.github.daemonsteps.posix.Signal;
import io.github.daemonsteps.testing.Await;
import io.github.daemonsteps.testkit.Faults;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The result of a start whose process is killed while it takes the steps. */
class KilledDuringStepsIT {

    @TempDir
    private Path directory;

    /** Sends the process a signal before one of its calls, once. */
    private static Faults signalling(String function, Signal signal) {
        return new Faults(new Faults.Script() {
            private boolean isSent;

            @Override
            public void before(List<Faults.Call> request) {
                Faults.Call call = request.getFirst();
                if (!isSent && call.place() == Place.CHILD && call.function().equals(function)) {
                    isSent = true;
                    Processes.signal(call.pid(), signal);
                }
            }
        });
    }

    private StartResult.Failed failure(Faults faults) {
        StartResult result = new StartWithFaults(StartWithFaults.Kind.RUNNING, directory).start(faults);
        assertThat(result).isInstanceOf(StartResult.Failed.class);
        assertThat(directory.resolve("d.pid")).doesNotExist();
        assertThat(directory.resolve("d.pid.record")).doesNotExist();
        return (StartResult.Failed) result;
    }

    @ParameterizedTest
    @CsvSource({"chdir, CHDIR", "umask, UMASK", "execve, EXEC"})
    void process_killed_during_a_step_is_reported_with_the_signal(String function, String step)
            throws Exception {
        directory = Files.createDirectory(directory.toRealPath().resolve("d"));
        assertThat(failure(signalling(function, Signal.SIGKILL)).reason()).startsWith(step + ": ")
                .endsWith("; killed by signal 9 (SIGKILL)");
    }

    @Test
    void sigterm_pending_until_the_mask_is_emptied_is_reported() throws Exception {
        directory = Files.createDirectory(directory.toRealPath().resolve("d"));
        assertThat(failure(signalling("chdir", Signal.SIGTERM)).reason()).startsWith("EXEC: ")
                .endsWith("; killed by signal 15 (SIGTERM)");
    }

    @Test
    void stop_during_the_steps_is_reported() throws Exception {
        directory = Files.createDirectory(directory.toRealPath().resolve("d"));
        Daemon daemon = new StartWithFaults(StartWithFaults.Kind.RUNNING, directory).daemon();
        StopResult[] stopped = new StopResult[1];
        Thread[] stopping = new Thread[1];
        StartResult.Failed failed = failure(new Faults(new Faults.Script() {
            @Override
            public void before(List<Faults.Call> request) {
                Faults.Call call = request.getFirst();
                boolean isFirst = stopping[0] == null && call.place() == Place.CHILD;
                if (isFirst && call.function().equals("chdir")) {
                    // The stop waits for an end that comes after the steps continue.
                    stopping[0] = new Thread(() -> stopped[0] = daemon.stop());
                    stopping[0].start();
                    awaitPending(call.pid(), Signal.SIGTERM);
                }
            }
        }));
        stopping[0].join();
        assertThat(stopped[0]).isInstanceOf(StopResult.Stopped.class);
        assertThat(failed.reason()).startsWith("EXEC: ").endsWith("; stopped by another command");
    }

    /** The signal is blocked until the mask is emptied. */
    private static void awaitPending(int pid, Signal signal) {
        long bit = 1L << (signal.number() - 1);
        try {
            Await.until(() -> (pending(pid) & bit) != 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static long pending(int pid) throws IOException {
        return Files.readAllLines(Path.of("/proc", Integer.toString(pid), "status")).stream()
                .filter(line -> line.startsWith("ShdPnd:"))
                .mapToLong(line -> Long.parseLong(line.substring(7).strip(), 16)).sum();
    }
}
