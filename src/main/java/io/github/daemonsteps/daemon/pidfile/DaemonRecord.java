package io.github.daemonsteps.daemon.pidfile;

import io.github.daemonsteps.ffm.NativePosix;
import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.process.Program;
import io.github.daemonsteps.procfs.ProcLocks;
import io.github.daemonsteps.procfs.ProcessStat;
import io.github.daemonsteps.text.AsciiNumber;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;

/**
 * The identity of the daemon's process beyond its number. A reader can thus distinguish the daemon from a
 * later process of the same number. The record is in a file of its own beside the pid file, see
 * {@link RecordFile}. A pair of boot and start time is never repeated, see proc_pid_stat(5) and random(4).
 *
 * @param pid the daemon's process
 * @param startTime the time at which the process was started, in clock ticks since boot
 * @param boot the id of the boot; empty if it could not be read
 * @param namespaces the pid and time namespaces of pid and start time; empty if they could not be read
 * @param mode how the process was started
 * @param program the path of the program, quoted
 * @param command a checksum of the program's path and arguments
 */
public record DaemonRecord(int pid, long startTime, String boot, String namespaces, Mode mode, String program,
        String command) {

    /** The operation by which a process acquired the pid file. */
    public enum Mode {
        /**
         * A start: the process has a session and a group of its own, and is neither session nor group leader.
         */
        DAEMON,
        /** A run in the foreground: session and process group belong to a shell or a supervisor. */
        FOREGROUND
    }

    /** The present state of the recorded process. */
    enum Verdict {
        /** The process lives: its pid, start time, boot and namespaces are the recorded ones. */
        ALIVE,
        /** The process has exited, or belongs to an earlier boot. Another process may have its number now. */
        GONE,
        /** The process cannot be compared with the record from here. */
        UNKNOWN
    }

    private static final Pattern TEXT = Pattern.compile("""
            pid=([0-9]{1,9})
            start=([0-9]{1,18})
            boot=(.*)
            namespaces=(.*)
            mode=(DAEMON|FOREGROUND)
            command=(.*)
            program=(.*)
            """);

    private static final Path NAMESPACES = Path.of("/proc/self/ns");

    private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");

    /** Returns the record of a process; empty if {@code /proc} does not show the process. */
    public static Optional<DaemonRecord> of(int pid, Mode mode, Program program) {
        Optional<ProcessStat> stat = ProcessStat.of(pid);
        return stat.isEmpty()
                ? Optional.empty()
                : Optional.of(new DaemonRecord(pid, stat.get().startTime(), bootNow(), namespacesNow(), mode,
                        program.path().quoted(), checksum(program)));
    }

    /** Returns the text of the file: lines of {@code name=value}. */
    public String text() {
        return "pid=" + pid + "\nstart=" + startTime + "\nboot=" + boot + "\nnamespaces=" + namespaces
                + "\nmode=" + mode + "\ncommand=" + command + "\nprogram=" + program + "\n";
    }

    /** Parses the text of a record; empty if the record is not complete. */
    public static Optional<DaemonRecord> parse(String text) {
        Matcher fields = TEXT.matcher(text);
        return fields.lookingAt()
                ? Optional.of(new DaemonRecord(AsciiNumber.parseInt(fields.group(1)),
                        AsciiNumber.parseLong(fields.group(2)), fields.group(3), fields.group(4),
                        Mode.valueOf(fields.group(5)), fields.group(7), fields.group(6)))
                : Optional.empty();
    }

    /** Compares the recorded process with the process in {@code /proc}. */
    Verdict verdict(NativePosix posix) {
        String bootNow = bootNow();
        if (!boot.isEmpty() && !bootNow.isEmpty() && !boot.equals(bootNow)) {
            return Verdict.GONE;
        }
        boolean isComparable = !boot.isEmpty() && boot.equals(bootNow) && !namespaces.isEmpty()
                && namespaces.equals(namespacesNow());
        if (!isComparable) {
            return Verdict.UNKNOWN;
        }
        Optional<ProcessStat> stat = ProcessStat.of(pid);
        if (stat.isPresent()) {
            boolean lives = stat.get().startTime() == startTime && !stat.get().hasEnded();
            return lives ? Verdict.ALIVE : Verdict.GONE;
        }
        return exists(pid, posix) ? Verdict.UNKNOWN : Verdict.GONE;
    }

    boolean isAlive(NativePosix posix) {
        return verdict(posix) == Verdict.ALIVE;
    }

    /** Returns whether the process exists, and is only hidden from this user. */
    private static boolean exists(int pid, NativePosix posix) {
        return new ProcLocks(posix).exists(pid);
    }

    /** Returns whether the recorded process was started with exactly this command. */
    public boolean isOf(Program other) {
        return program.equals(other.path().quoted()) && command.equals(checksum(other));
    }

    private static String bootNow() {
        try {
            return Files.readString(BOOT_ID, StandardCharsets.ISO_8859_1).strip();
        } catch (IOException e) {
            return "";
        }
    }

    /**
     * Returns the namespaces of the reader. Start times count from the boot of the reader's time namespace,
     * see time_namespaces(7).
     */
    private static String namespacesNow() {
        try {
            return Files.readSymbolicLink(NAMESPACES.resolve("pid")) + " " + timeNamespace();
        } catch (IOException e) {
            return "";
        }
    }

    private static String timeNamespace() throws IOException {
        try {
            return Files.readSymbolicLink(NAMESPACES.resolve("time")).toString();
        } catch (NoSuchFileException e) { // before Linux 5.6
            return "time:none";
        }
    }

    private static String checksum(Program program) {
        var sum = new CRC32C();
        sum.update(program.path().bytes());
        for (CString argument : program.arguments()) {
            sum.update(0); // terminates each string, as in /proc/PID/cmdline
            sum.update(argument.bytes());
        }
        return Long.toHexString(sum.getValue());
    }
}
