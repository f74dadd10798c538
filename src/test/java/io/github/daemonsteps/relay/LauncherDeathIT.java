package io.github.daemonsteps.relay;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daemonsteps.posix.Processes;
import io.github.daemonsteps.testing.ChildJvm;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** After the end of a launcher its unfinished forked processes end, too. */
class LauncherDeathIT {

    @ParameterizedTest
    @CsvSource({"1, forked", "1, session", "1, daemon", "50, forked", "50, session", "50, daemon",
        "20, child of one that stays", "20, one that stays"})
    void processes_of_a_killed_launcher_end(int count, String state) throws Exception {
        try (var launcher = ChildJvm.start(RelayLauncher.class, Integer.toString(count), state)) {
            List<Integer> pids = pids(launcher, count);
            launcher.kill();
            for (int pid : pids) {
                Processes.awaitEnd(pid);
            }
        }
    }

    @Test
    void processes_of_a_halted_launcher_end() throws Exception {
        try (var launcher = ChildJvm.start(RelayLauncher.class, "5", "halt")) {
            List<Integer> pids = pids(launcher, 5);
            launcher.send("go on");
            assertThat(launcher.status()).isZero();
            for (int pid : pids) {
                Processes.awaitEnd(pid);
            }
        }
    }

    private static List<Integer> pids(ChildJvm launcher, int count) throws InterruptedException {
        List<Integer> pids = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            pids.add(Integer.valueOf(launcher.line()));
        }
        assertThat(launcher.line()).isEqualTo("ready");
        assertThat(pids).doesNotHaveDuplicates()
                .allSatisfy(pid -> assertThat(Processes.hasEnded(pid)).isFalse());
        return pids;
    }
}
