package io.github.daemonsteps;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;

/**
 * What a thread may beyond an ordinary user's rights, see capabilities(7): those that it has, those that it can take,
 * and those that it hands on to programs, all in one.
 *
 * @param bits a bit for each
 * @param effective a bit for each that it has now
 */
record Capabilities(long bits, long effective) {

    /** To change groups. The numbers are those of linux/capability.h, the same everywhere. */
    static final int CAP_SETGID = 6;

    /** To change users. */
    static final int CAP_SETUID = 7;

    private static final Capabilities UNKNOWN = new Capabilities(0, 0);

    static Capabilities of(int pid) {
        return read(Path.of("/proc", Integer.toString(pid), "status"));
    }

    static Capabilities ofThisThread() {
        return read(Path.of("/proc/thread-self/status"));
    }

    /** See proc_pid_status(5). */
    private static Capabilities read(Path status) {
        try {
            long bits = 0;
            long effective = 0;
            for (String line : Files.readAllLines(status, StandardCharsets.ISO_8859_1)) {
                if (line.startsWith("CapInh:") || line.startsWith("CapPrm:") || line.startsWith("CapEff:")
                        || line.startsWith("CapAmb:")) {
                    long set = HexFormat.fromHexDigitsToLong(line.substring(7).trim());
                    bits |= set;
                    effective |= line.startsWith("CapEff:") ? set : 0;
                }
            }
            return new Capabilities(bits, effective);
        } catch (IOException hidden) {
            return UNKNOWN;
        }
    }

    boolean areNone() {
        return bits == 0;
    }

    /** Whether it has all of these now. */
    boolean has(int... capabilities) {
        for (int capability : capabilities) {
            if ((effective & 1L << capability) == 0) {
                return false;
            }
        }
        return true;
    }

    @Override
    public String toString() {
        return "0x" + Long.toHexString(bits);
    }
}
