package io.github.daemonsteps.relay;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daemonsteps.testing.ChildJvm;
import io.github.daemonsteps.testing.ProcessMemory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The Java heap of a launcher is not in the processes that the launcher forks, and stays usable in the launcher. */
class HeapExclusionIT {

    private static List<String> options(String collector) {
        return List.of("-XX:+Use" + collector + "GC", "-Xms64m", "-Xmx256m");
    }

    @ParameterizedTest
    @ValueSource(strings = {"Serial", "Parallel", "G1"})
    void forked_process_has_no_heap_of_its_launcher(String collector) throws Exception {
        try (var launcher = ChildJvm.start(options(collector), HeapLauncher.class, "needle")) {
            int forked = Integer.parseInt(launcher.line());
            ProcessMemory.assumeReadable(forked);
            assertThat(ProcessMemory.contains(launcher.pid(), HeapLauncher.needle())).isTrue();
            assertThat(ProcessMemory.contains(forked, HeapLauncher.needle())).isFalse();
            assertThat(heap(launcher.pid())).isNotEmpty();
            assertThat(heap(forked)).isEmpty();
            assertThat(keptFromForks(launcher.pid())).as("after the fork").isEmpty();
            launcher.send("go on");
            assertThat(launcher.status()).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"Serial", "Parallel", "G1"})
    void heap_is_inherited_again_after_a_fork_that_fails(String collector) throws Exception {
        try (var launcher = ChildJvm.start(options(collector), HeapLauncher.class, "failing")) {
            assertThat(launcher.line()).isEqualTo("EAGAIN");
            assertThat(keptFromForks(launcher.pid())).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"FORK", "POSIX_SPAWN"})
    void programs_that_other_threads_start_meanwhile_run(String mechanism) throws Exception {
        List<String> options = new ArrayList<>(options("Serial"));
        options.add("-Djdk.lang.Process.launchMechanism=" + mechanism);
        try (var launcher = ChildJvm.start(options, HeapLauncher.class, "beside programs")) {
            assertThat(launcher.line()).isEqualTo("50 of 50 answer");
            assertThat(launcher.line()).isEqualTo("0 programs failed");
            assertThat(launcher.line()).isEqualTo("programs ran");
            assertThat(launcher.status()).isZero();
        }
    }

    /** Returns the lines of the private anonymous memory between 2 and 32 GiB. */
    private static List<String> heap(int pid) throws IOException {
        return Files.readAllLines(Path.of("/proc/" + pid + "/maps")).stream()
                .filter(line -> line.matches("(?:[89a-f]|[1-7][0-9a-f])[0-9a-f]{7}-[0-9a-f]+ rw-p .* 0 *"))
                .toList();
    }

    /** Returns the flags of the mappings that a fork does not copy, see proc_pid_smaps(5). */
    private static List<String> keptFromForks(int pid) throws IOException {
        List<String> flags = Files.readAllLines(Path.of("/proc/" + pid + "/smaps")).stream()
                .filter(line -> line.startsWith("VmFlags:")).toList();
        assertThat(flags).isNotEmpty();
        // Memory of devices, such as [vvar], is never copied.
        return flags.stream().filter(line -> line.contains(" dc ") && !line.contains(" io ")
                && !line.contains(" pf ")).toList();
    }
}
