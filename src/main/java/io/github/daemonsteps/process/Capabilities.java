package io.github.daemonsteps.process;

import io.github.daemonsteps.procfs.ProcFields;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HexFormat;

/**
 * The capabilities of a thread, see capabilities(7).
 *
 * @param bits a bit for each capability of the inheritable, permitted, effective and ambient sets
 * @param effective a bit for each effective capability
 */
public record Capabilities(long bits, long effective) {

    /**
     * Permits changing groups. The numbers are those of linux/capability.h, the same on every architecture.
     */
    public static final int CAP_SETGID = 6;

    /** Permits changing users. */
    public static final int CAP_SETUID = 7;

    private static final Capabilities UNKNOWN = new Capabilities(0, 0);

    /**
     * Returns the capabilities of a process; none if the kernel does not show them.
     *
     * @param pid the process
     * @return the capabilities
     */
    public static Capabilities of(int pid) {
        return read(Path.of("/proc", Integer.toString(pid), "status"));
    }

    /** Returns the capabilities of the calling thread. */
    public static Capabilities ofThisThread() {
        return read(Path.of("/proc/thread-self/status"));
    }

    /** Reads a status file; see proc_pid_status(5). */
    private static Capabilities read(Path status) {
        try {
            ProcFields fields = ProcFields.read(status);
            long effective = set(fields, "CapEff");
            return new Capabilities(
                    set(fields, "CapInh") | set(fields, "CapPrm") | effective | set(fields, "CapAmb"),
                    effective);
        } catch (IOException e) {
            return UNKNOWN;
        }
    }

    private static long set(ProcFields fields, String name) {
        String digits = fields.value(name);
        return digits == null ? 0 : HexFormat.fromHexDigitsToLong(digits);
    }

    /** Returns whether the thread has no capability. */
    public boolean isEmpty() {
        return bits == 0;
    }

    /**
     * Returns whether all of these capabilities are effective.
     *
     * @param capabilities numbers of capabilities
     * @return whether all are effective
     */
    public boolean has(int... capabilities) {
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
