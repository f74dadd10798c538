package io.github.daemonsteps.procfs;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MemoryMappingTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "80000000-87e00000 rw-p 00000000 00:00 0 | rw-p | '' | true | false",
        "80000000-87e00000 ---p 00000000 00:00 0 | ---p | '' | true | false",
        "80000000-87e00000 rw-p 00000000 00:00 0                [anon:java heap] | rw-p | [anon:java heap] | true | false",
        "80000000-87e00000 rw-p 00dc9000 fe:00 328742           /a b/classes.jsa | rw-p | /a b/classes.jsa | false | false",
        "80000000-87e00000 rw-s 00000000 00:01 1051             /memfd:java_heap (deleted) | rw-s | /memfd:java_heap (deleted) | false | false",
        "80000000-87e00000 rwxp 00000000 00:00 0 | rwxp | '' | true | true",
        "80000000-87e00000 rw-p 00000000 00:00 0                [heap] | rw-p | [heap] | false | false"})
    void line_of_maps_is_parsed(String line, String permissions, String name, boolean isPrivateAnonymous,
            boolean isExecutable) {
        MemoryMapping mapping = MemoryMapping.parse(line);
        assertThat(mapping).isEqualTo(new MemoryMapping(0x80000000L, 0x87e00000L, permissions, name));
        assertThat(mapping.isPrivateAnonymous()).isEqualTo(isPrivateAnonymous);
        assertThat(mapping.isExecutable()).isEqualTo(isExecutable);
    }

    @Test
    void highest_addresses_are_parsed() {
        MemoryMapping mapping =
                MemoryMapping.parse("ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0 [vsyscall]");
        assertThat(Long.toHexString(mapping.end())).isEqualTo("ffffffffff601000");
    }

    @Test
    void all_mappings_of_this_process_are_in_order_and_do_not_overlap() throws Exception {
        var mappings = MemoryMapping.between(0, -1);
        assertThat(mappings).hasSizeGreaterThan(10)
                .anySatisfy(mapping -> assertThat(mapping.name()).endsWith("/libjvm.so"));
        for (int i = 1; i < mappings.size(); i++) {
            assertThat(Long.compareUnsigned(mappings.get(i).start(), mappings.get(i - 1).end()))
                    .isNotNegative();
        }
        MemoryMapping one = mappings.get(3);
        assertThat(MemoryMapping.between(one.start(), one.end())).containsExactly(one);
        assertThat(MemoryMapping.between(one.end() - 1, one.end())).containsExactly(one);
    }
}
