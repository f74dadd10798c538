package io.github.daemonsteps;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daemonsteps.posix.Processes;
import io.github.daemonsteps.testing.ChildJvm;
import io.github.daemonsteps.testkit.Daemons;
import io.github.daemonsteps.testkit.Launcher;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The seven steps under each collector, in an idle JVM and in one that allocates all the time. Java between fork and exec would
 * hang here within some hundred runs.
 */
@Daemons
@Timeout(3600)
class CollectorsIT {

    private static final String FIGURES = "figures: ";

    @ParameterizedTest
    @CsvSource({"Serial, 0", "Serial, 2", "G1, 0", "G1, 2", "Parallel, 0", "Parallel, 2", "Z, 0", "Z, 2"})
    void seven_steps_succeed_with_collector(String collector, int allocatingThreads, Launcher daemons)
            throws Exception {
        repeat(daemons, allocatingThreads == 0 ? 100 : 30, collector, allocatingThreads);
    }

    @Tag("stress")
    @ParameterizedTest
    @CsvSource({"Serial, 0", "Serial, 2", "G1, 0", "G1, 2", "Parallel, 0", "Parallel, 2", "Z, 0", "Z, 2"})
    void seven_steps_succeed_20_000_times_with_collector(String collector, int allocatingThreads,
            Launcher daemons) throws Exception {
        repeat(daemons, allocatingThreads == 0 ? 4_500 : 500, collector, allocatingThreads);
    }

    private static void repeat(Launcher daemons, int runs, String collector, int allocatingThreads)
            throws Exception {
        // A small heap: what is forked, and how long that takes, is the same on every machine.
        List<String> command = ChildJvm.command(
                List.of("-XX:+Use" + collector + "GC", "-Xmx256m", "-XX:TieredStopAtLevel=4"),
                StepsRepeatedly.class, Integer.toString(runs), Integer.toString(allocatingThreads));
        try (var launcher = ChildJvm.start(daemons.builder(command.toArray(String[]::new)))) {
            List<String> wrong = new ArrayList<>();
            String line = launcher.line();
            while (!line.startsWith(FIGURES)) {
                if (!line.startsWith("done ")) {
                    wrong.add(line);
                }
                line = launcher.line();
            }
            System.out.println(collector + "GC, " + allocatingThreads + " allocating threads: "
                    + line.substring(FIGURES.length()));
            assertThat(wrong).isEmpty();
            assertThat(line).contains(" 0 wrong,");
            assertThat(Processes.children(launcher.pid())).isEmpty();
            assertThat(daemons.processes()).containsExactly(launcher.pid());
        }
    }
}
