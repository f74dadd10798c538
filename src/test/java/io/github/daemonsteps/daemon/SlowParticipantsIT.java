package io.github.daemonsteps.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daemonsteps.daemon.StartWithFaults.Kind;
import io.github.daemonsteps.posix.CallInterceptor.Place;
import io.github.daemonsteps.posix.Processes;
import io.github.daemonsteps.posix.Signal;
import io.github.daemonsteps.testing.Programs;
import io.github.daemonsteps.testkit.Faults;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A start on a machine so slow that each answer is late: a participant is stopped, and continues. */
class SlowParticipantsIT {

    @TempDir
    private Path directory;

    private static void stop(int pid) {
        Processes.signal(pid, Signal.SIGSTOP);
        Programs.awaitStopped(pid);
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void forked_process_stopped_before_each_request_is_awaited(Kind kind) throws Exception {
        var start = new StartWithFaults(kind, Files.createDirectory(directory.resolve("d")));
        int[] stops = {0};
        int[] stopped = {0};
        var faults = new Faults(new Faults.Script() {
            @Override
            public void before(List<Faults.Call> request) {
                Faults.Call first = request.getFirst();
                if (first.place() != Place.LAUNCHER) {
                    stopped[0] = first.pid();
                    stop(stopped[0]);
                    stops[0]++;
                } else if (first.function().equals("poll") && stopped[0] != 0) {
                    Processes.signal(stopped[0], Signal.SIGCONT);
                    stopped[0] = 0;
                }
            }
        });
        StartResult result = start.start(faults);
        System.out.println("SIGSTOP before a request: " + stops[0] + " times, then " + result);
        assertThat(stops[0]).isGreaterThan(20);
        if (kind == Kind.ENDING) {
            assertThat(result.message()).contains("exited with status 3");
        } else {
            assertThat(result).isInstanceOf(StartResult.Started.class);
            int pid = ((StartResult.Started) result).pid();
            int own = (int) ProcessHandle.current().pid();
            assertThat(new CompleteDaemon(start, pid, own).flawsUntilStopped()).isEmpty();
        }
    }

    @Test
    void launcher_stopped_at_random_continues() throws Exception {
        var launchers = new KilledLaunchers(Kind.NEWLINE, directory, "");
        launchers.kill(IntStream.range(0, 5).mapToObj(i -> (KilledLaunchers.Killer) launcher -> {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20L * i)); // any instant will do
            stop(launcher.pid());
            Processes.signal(launcher.pid(), Signal.SIGCONT);
            assertThat(launcher.line()).startsWith("d: started, pid ");
            launcher.kill();
            return "stopped";
        }).toList());
        assertThat(launchers.wrong()).isEmpty();
        assertThat(launchers.count(Aftermath.WHOLE_DAEMON)).isEqualTo(5);
    }
}
