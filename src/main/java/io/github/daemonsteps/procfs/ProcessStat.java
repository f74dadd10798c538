package io.github.daemonsteps.procfs;

import io.github.daemonsteps.text.AsciiNumber;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.StringTokenizer;

/**
 * The content of {@code /proc/PID/stat} for a process, see proc_pid_stat(5).
 *
 * @param pid the id of the process
 * @param command the command name, which may contain any character, brackets too
 * @param state one letter, such as S for sleeping and Z for ended but not reaped
 * @param ppid the id of the parent
 * @param pgid the process group
 * @param sid the session
 * @param terminal the controlling terminal as a device number, 0 for none
 * @param flags the kernel's flags
 * @param threads the number of threads
 * @param startTime the start time, in clock ticks since boot; pid and start time together identify a process
 *         uniquely
 */
public record ProcessStat(int pid, String command, char state, int ppid, int pgid, int sid, int terminal,
        long flags, int threads,
        long startTime) {

    /**
     * {@code PF_FORKNOEXEC} of the kernel's linux/sched.h: the process was forked and has not called
     * execve(2) since.
     */
    private static final long FORKED_BUT_NOT_EXECUTED = 0x40;

    /**
     * Reads the file of the process's first thread. {@code /proc/PID/stat} has the same fields, but an
     * emulator such as qemu-user shows a process other values there.
     *
     * @return empty if the process does not exist, or this user may not see it
     */
    public static Optional<ProcessStat> of(int pid) {
        String number = Integer.toString(pid);
        return read(Path.of("/proc", number, "task", number, "stat"));
    }

    /** Reads such a file; empty if the file cannot be read. */
    public static Optional<ProcessStat> read(Path stat) {
        try {
            return Optional.of(parse(ProcFile.text(stat)));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /**
     * Parses the file's line. The command name may contain spaces and brackets, so the last closing bracket
     * ends the name.
     */
    static ProcessStat parse(String line) {
        int open = line.indexOf('(');
        int close = line.lastIndexOf(')');
        int pid = AsciiNumber.parseInt(line.substring(0, open).trim());
        var fields = new StringTokenizer(line.substring(close + 1));
        char state = fields.nextToken().charAt(0);
        int ppid = AsciiNumber.parseInt(fields.nextToken());
        int pgid = AsciiNumber.parseInt(fields.nextToken());
        int sid = AsciiNumber.parseInt(fields.nextToken());
        int terminal = AsciiNumber.parseInt(fields.nextToken());
        fields.nextToken(); // tpgid
        long flags = AsciiNumber.parseLong(fields.nextToken());
        for (int field = 10; field < 20; field++) {
            fields.nextToken();
        }
        int threads = AsciiNumber.parseInt(fields.nextToken());
        fields.nextToken(); // itrealvalue
        long startTime = AsciiNumber.parseLong(fields.nextToken());
        return new ProcessStat(pid, line.substring(open + 1, close), state, ppid, pgid, sid, terminal, flags,
                threads,
                startTime);
    }

    /** Returns whether the process has become another program since it was forked. */
    public boolean hasExecuted() {
        return (flags & FORKED_BUT_NOT_EXECUTED) == 0;
    }

    /** Returns whether a signal has stopped the process, and the process has not been continued. */
    public boolean isStopped() {
        return state == 'T';
    }

    /**
     * Returns whether the process has ended and waits to be reaped. If only the first thread has ended, the
     * state is that of a zombie too, but the process lives on.
     */
    public boolean hasEnded() {
        return state == 'X' || (state == 'Z' && threads <= 1);
    }
}
