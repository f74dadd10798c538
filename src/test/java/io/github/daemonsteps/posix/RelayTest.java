package io.github.daemonsteps.posix;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class RelayTest {

    @Test
    void its_page_can_be_executed_and_not_written() throws Exception {
        long address = Relay.get().address();
        List<String> mappings = Files.readAllLines(Path.of("/proc/self/maps"));
        assertThat(mappings).filteredOn(mapping -> contains(mapping, address))
                .singleElement()
                .asString()
                .contains(" r-xp ");
    }

    @Test
    void there_is_one_for_all_forks() {
        assertThat(Relay.get()).isSameAs(Relay.get());
    }

    /** A line of proc_pid_maps(5): {@code 7f00-7f10 r-xp ...}. */
    private static boolean contains(String mapping, long address) {
        int dash = mapping.indexOf('-');
        long from = Long.parseUnsignedLong(mapping.substring(0, dash), 16);
        long to = Long.parseUnsignedLong(mapping.substring(dash + 1, mapping.indexOf(' ')), 16);
        return from <= address && address < to;
    }
}
