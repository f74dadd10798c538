package io.github.daemonsteps.testing;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;

/** The readable memory of another process. */
public final class ProcessMemory {

    private static final int CHUNK = 1 << 20;

    /** The start and the end of a readable mapping, and its file. */
    public static final Pattern READABLE =
            Pattern.compile("([0-9a-f]{1,15})-([0-9a-f]{1,15}) r\\S+ \\S+ \\S+ \\S+ *(.*)");

    private ProcessMemory() {
    }

    /** Skips the test if this user may not read the memory of the process. */
    public static void assumeReadable(int pid) {
        try (var memory = new RandomAccessFile("/proc/" + pid + "/mem", "r")) {
            Assumptions.assumeTrue(memory.getFD().valid());
        } catch (IOException e) {
            Assumptions.abort("this user may not read the memory of another process: " + e.getMessage());
        }
    }

    /** Returns whether the readable memory of a process contains these bytes. */
    public static boolean contains(int pid, byte[] bytes) throws IOException {
        String needle = new String(bytes, StandardCharsets.ISO_8859_1);
        try (var memory = new RandomAccessFile("/proc/" + pid + "/mem", "r")) {
            for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/maps"))) {
                Matcher mapping = READABLE.matcher(line);
                if (mapping.matches() && !mapping.group(3).startsWith("[vvar")
                        && contains(memory, Long.parseLong(mapping.group(1), 16),
                                Long.parseLong(mapping.group(2), 16), needle)) {
                    return true;
                }
            }
        }
        return false;
    }

    private static boolean contains(RandomAccessFile memory, long start, long end, String needle)
            throws IOException {
        byte[] chunk = new byte[CHUNK];
        for (long at = start; at < end; at += CHUNK - needle.length()) {
            int length = (int) Math.min(CHUNK, end - at);
            memory.seek(at);
            try {
                memory.readFully(chunk, 0, length);
            } catch (IOException e) {
                continue; // a page after the end of a mapped file
            }
            if (new String(chunk, 0, length, StandardCharsets.ISO_8859_1).contains(needle)) {
                return true;
            }
        }
        return false;
    }
}
