package io.github.daemonsteps.procfs;

import io.github.daemonsteps.text.AsciiNumber;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A mapping of the memory of this process. See proc_pid_maps(5).
 *
 * @param start the address of the first byte
 * @param end the address after the last byte
 * @param permissions four characters such as {@code rw-p}
 * @param name the file, or what the kernel calls the mapping; empty if it has no name
 */
public record MemoryMapping(long start, long end, String permissions, String name) {

    private static final Path MAPS = Path.of("/proc/self/maps");

    /** The name of an anonymous mapping that has been given one, see PR_SET_VMA_ANON_NAME in prctl(2). */
    private static final String NAMED_ANONYMOUS = "[anon:";

    /**
     * Returns the mappings that overlap a range of addresses, in ascending order. The kernel lists the
     * mappings in this order, so those above the range are not read.
     *
     * @param from the first address
     * @param to the address after the last one
     * @throws IOException if the kernel does not list the mappings
     */
    public static List<MemoryMapping> between(long from, long to) throws IOException {
        List<MemoryMapping> mappings = new ArrayList<>();
        try (BufferedReader lines = Files.newBufferedReader(MAPS, StandardCharsets.ISO_8859_1)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                MemoryMapping mapping = parse(line);
                if (Long.compareUnsigned(mapping.start, to) >= 0) {
                    break;
                }
                if (Long.compareUnsigned(mapping.end, from) > 0) {
                    mappings.add(mapping);
                }
            }
        }
        return mappings;
    }

    /** Parses a line: the addresses, the permissions, the offset, the device, the inode and the name. */
    static MemoryMapping parse(String line) {
        String[] fields = line.split(" +", 6);
        int dash = fields[0].indexOf('-');
        return new MemoryMapping(AsciiNumber.parseAddress(fields[0].substring(0, dash)),
                AsciiNumber.parseAddress(fields[0].substring(dash + 1)), fields[1],
                fields.length < 6 ? "" : fields[5]);
    }

    /** Returns whether the memory is this process's alone, and not that of a file. */
    public boolean isPrivateAnonymous() {
        return permissions.endsWith("p") && (name.isEmpty() || name.startsWith(NAMED_ANONYMOUS));
    }

    /** Returns whether the memory may be executed. */
    public boolean isExecutable() {
        return permissions.charAt(2) == 'x';
    }
}
