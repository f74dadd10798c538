package io.github.daemonsteps.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.daemonsteps.ffm.NativePosix;
import io.github.daemonsteps.posix.ForkedProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class RelayTest {

    @Test
    void page_can_be_executed_and_not_written() throws Exception {
        try (var relay = RelayCode.map(NativePosix.get())) {
            assertThat(mappings()).filteredOn(mapping -> contains(mapping, relay.address()))
                    .singleElement()
                    .asString()
                    .contains(" r-xp ");
        }
    }

    @Test
    void page_is_mapped_for_each_fork_and_stays_with_the_forked_process_alone() throws Exception {
        long before = anonymousCode();
        for (int i = 0; i < 3; i++) {
            try (var process = ForkedProcess.fork()) {
                assertThat(anonymousCode()).isEqualTo(before);
                assertThat(process.getpid()).isEqualTo(process.pid());
                assertThat(anonymousCode(mappings(process.pid()))).isEqualTo(before + 1);
            }
        }
        assertThat(anonymousCode()).isEqualTo(before);
    }

    @Test
    void page_of_a_fork_that_fails_is_unmapped() throws Exception {
        long before = anonymousCode();
        assertThatExceptionOfType(IllegalStateException.class)
                .isThrownBy(() -> ForkedProcess.fork(ForkedProcess.DEADLINE, call -> {
                    throw new IllegalStateException("a listener that fails");
                }));
        assertThat(anonymousCode()).isEqualTo(before);
    }

    private static List<String> mappings() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/maps"));
    }

    private static List<String> mappings(int pid) throws IOException {
        return Files.readAllLines(Path.of("/proc", Integer.toString(pid), "maps"));
    }

    private static long anonymousCode() throws IOException {
        return anonymousCode(mappings());
    }

    /** Pages of compilers can be written too, and pages of libraries have a file. */
    private static long anonymousCode(List<String> mappings) {
        return mappings.stream().filter(mapping -> mapping.matches("\\S+ r-xp 00000000 00:00 0 *")).count();
    }

    /** A line of proc_pid_maps(5): {@code 7f00-7f10 r-xp ...}. */
    private static boolean contains(String mapping, long address) {
        int dash = mapping.indexOf('-');
        long from = Long.parseUnsignedLong(mapping.substring(0, dash), 16);
        long to = Long.parseUnsignedLong(mapping.substring(dash + 1, mapping.indexOf(' ')), 16);
        return from <= address && address < to;
    }
}
