package io.github.daemonsteps.procfs;

import io.github.daemonsteps.text.AsciiNumber;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.StringTokenizer;

/**
 * What {@code /proc/PID/stat} says of a process, see proc_pid_stat(5).
 *
 * @param pid its id
 * @param command its command name, which may contain anything, brackets too
 * @param state one letter, such as S for sleeping and Z for ended but not reaped
 * @param ppid its parent
 * @param pgid its process group
 * @param sid its session
 * @param terminal its controlling terminal as a device number, 0 for none
 * @param flags the kernel's flags
 * @param threads how many threads it has
 * @param startTime when it was started, in clock ticks since boot; together with the pid it names a process
 *        for good
 */
public record ProcessStat(int pid, String command, char state, int ppid, int pgid, int sid, int terminal,
        long flags, int threads,
        long startTime) {

    /** {@code PF_FORKNOEXEC} of the kernel's linux/sched.h: forked, and execve(2) has not been done since. */
    private static final long FORKED_BUT_NOT_EXECUTED = 0x40;

    /**
     * Reads the file of the process's first thread. {@code /proc/PID/stat} has the same fields, but an emulator such as
     * qemu-user shows a process other values there. Returns empty if there is no such process, or this user may not see it.
     */
    public static Optional<ProcessStat> of(int pid) {
        String number = Integer.toString(pid);
        return read(Path.of("/proc", number, "task", number, "stat"));
    }

    /** Reads such a file. Empty if it cannot be read. */
    public static Optional<ProcessStat> read(Path stat) {
        try {
            return Optional.of(parse(Files.readString(stat, StandardCharsets.ISO_8859_1)));
        } catch (IOException gone) {
            return Optional.empty();
        }
    }

    /**
     * Parses the file's line. The name may contain spaces and brackets, so what counts is the last closing
     * one.
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

    /** Whether it has become another program since it was forked. */
    public boolean hasExecuted() {
        return (flags & FORKED_BUT_NOT_EXECUTED) == 0;
    }

    /** Whether it was stopped by a signal, and has not been continued. */
    public boolean isStopped() {
        return state == 'T';
    }

    /**
     * Whether it has ended and waits to be reaped. A process whose first thread alone has ended is a zombie by its
     * state too, and lives on.
     */
    public boolean hasEnded() {
        return state == 'X' || (state == 'Z' && threads <= 1);
    }
}
