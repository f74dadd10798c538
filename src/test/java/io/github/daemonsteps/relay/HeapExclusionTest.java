package io.github.daemonsteps.relay;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daemonsteps.procfs.MemoryMapping;
import io.github.daemonsteps.relay.HeapExclusion.Range;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The ranges that are kept out of forks. All addresses are in GiB. */
class HeapExclusionTest {

    private static MemoryMapping mapping(long start, long end, String permissions, String name) {
        return new MemoryMapping(start << 30, end << 30, permissions, name);
    }

    private static Range range(long start, long end) {
        return new Range(start << 30, end << 30);
    }

    @Test
    void adjacent_mappings_are_one_range_with_the_memory_that_is_only_reserved() {
        assertThat(HeapExclusion.ranges(List.of(mapping(2, 3, "rw-p", ""), mapping(3, 4, "---p", ""),
                mapping(4, 5, "rw-p", ""), mapping(7, 8, "rw-p", ""))))
                .containsExactly(range(2, 5), range(7, 8));
    }

    @Test
    void files_and_shared_memory_are_not_excluded() {
        assertThat(HeapExclusion.ranges(List.of(mapping(2, 3, "rw-p", ""),
                mapping(3, 4, "rw-p", "/jdk/lib/server/classes.jsa"), mapping(4, 5, "rw-p", ""),
                mapping(5, 6, "rw-s", "/dev/zero (deleted)"))))
                .containsExactly(range(2, 3), range(4, 5));
    }

    @Test
    void mapping_is_excluded_only_between_2_and_32_gibibytes() {
        assertThat(HeapExclusion.ranges(List.of(mapping(1, 3, "rw-p", ""), mapping(31, 40, "rw-p", ""))))
                .containsExactly(range(2, 3), range(31, 32));
    }

    @Test
    void no_memory_is_excluded_where_the_kernel_places_libraries_and_stacks() {
        assertThat(HeapExclusion.ranges(List.of(mapping(2, 3, "rw-p", ""),
                mapping(20, 21, "r-xp", "/lib/libc.so.6"), mapping(22, 23, "rw-p", "")))).isEmpty();
    }
}
