package io.github.daemonsteps.daemon;

import static io.github.daemonsteps.testkit.DaemonAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.daemonsteps.posix.Processes;
import io.github.daemonsteps.process.ProcessState;
import io.github.daemonsteps.procfs.ProcessStat;
import io.github.daemonsteps.testing.Await;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/**
 * The daemon after a start that has succeeded, with its pid file and lock.
 *
 * @param start the start
 * @param pid the process id of the daemon
 * @param launcher the process id of the launcher
 */
record CompleteDaemon(StartWithFaults start, int pid, int launcher) {

    /** A guard against hanging. */
    private static final Duration DEADLINE = Duration.ofSeconds(30);

    /** Checks the daemon, and that it can be stopped. Returns its flaws. */
    List<String> flawsUntilStopped() {
        List<String> flaws = new ArrayList<>();
        collect(flaws, this::checkProcess);
        collect(flaws, this::checkPidFile);
        collect(flaws, () -> assertThat(start.daemon().stop())
                .isEqualTo(new StopResult.Stopped("d", pid, false, 0, false, null, List.of())));
        collect(flaws, () -> {
            assertThat(Processes.hasEnded(pid)).as("process %s has ended", pid).isTrue();
            assertThat(start.pidFile()).doesNotExist();
        });
        return flaws;
    }

    private static void collect(List<String> flaws, ThrowingCallable check) {
        try {
            check.call();
        } catch (Throwable flawed) {
            flaws.add(flawed.toString());
        }
    }

    private void checkProcess() {
        ProcessStat stat = ProcessStat.of(pid).orElseThrow(() -> new AssertionError("the daemon is dead"));
        assertThat(stat.hasEnded()).as("the daemon is dead").isFalse();
        assertThat(stat.hasExecuted()).as("the daemon has executed its program").isTrue();
        assertThat(Processes.hasEnded(stat.sid())).as("the leader has ended").isTrue();
        assertThat(stat.ppid()).as("parent").isNotEqualTo(launcher);
        // The program opens its libraries, which it does not announce.
        Await.untilAsserted(DEADLINE, () -> {
            ProcessState state = ProcessState.of(pid);
            if (start.kind() == StartWithFaults.Kind.LISTENING) {
                assertThat(state).isProperDaemon(aboveTwo(state));
            } else {
                assertThat(state).isProperDaemon(start.pidFile(), start.log());
            }
            assertThat(state).hasWorkingDirectory(Path.of("/")).hasUmask(027);
        });
    }

    /** Returns the descriptors of two sockets, and of the pid file. */
    private int[] aboveTwo(ProcessState state) {
        SortedMap<Integer, String> above = Objects.requireNonNull(state.fds()).tailMap(3);
        assertThat(above).hasSize(3).hasEntrySatisfying(3, file -> assertThat(file).startsWith("socket:"))
                .hasEntrySatisfying(4, file -> assertThat(file).startsWith("socket:"))
                .containsValue(start.pidFile().toString());
        return above.keySet().stream().mapToInt(Integer::intValue).toArray();
    }

    private void checkPidFile() {
        assertThat(start.pidFile()).hasContent(pid + "\n");
        assertThat(PidFiles.isHeldBy(pid, start.pidFile())).as("process %s holds the lock", pid).isTrue();
        assertThat(start.daemon().status().state()).isInstanceOfSatisfying(Status.State.Running.class,
                running -> assertThat(running.pid()).isEqualTo(pid));
    }
}
