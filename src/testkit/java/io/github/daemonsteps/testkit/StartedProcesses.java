package io.github.daemonsteps.testkit;

import io.github.daemonsteps.process.ProcessState;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;

/**
 * The processes that a test has started since this object was created.
 *
 * @param tag the entry in the environment of the processes, {@code NAME=value}
 * @param directory the directory of the test
 * @param before all processes at the beginning of the test
 */
record StartedProcesses(String tag, Path directory, Set<Long> before) {

    private static final long OWN = ProcessHandle.current().pid();

    /** A process that has done its work ends soon. */
    private static final Duration SOON = Duration.ofSeconds(1);

    /** A killed process ends soon. */
    private static final Duration END = Duration.ofSeconds(10);

    /**
     * The places of startstack and env_start in a line of /proc/PID/stat, counted from the state of the
     * process.
     */
    private static final int STACK = 28 - 3;
    private static final int ENVIRONMENT = 50 - 3;

    static StartedProcesses from(String tag, Path directory) {
        Set<Long> before = new HashSet<>();
        ProcessHandle.allProcesses().forEach(process -> before.add(process.pid()));
        return new StartedProcesses(tag, directory, before);
    }

    /**
     * Returns the processes that have not ended.
     *
     * @param known processes that the test has started, whatever their environment
     */
    List<ProcessHandle> running(Set<Long> known) {
        return ProcessHandle.allProcesses().filter(process -> process.pid() != OWN)
                .filter(process -> !ProcessState.hasEnded((int) process.pid()))
                .filter(process -> hasTag(process.pid()) || (!before.contains(process.pid())
                        && (known.contains(process.pid()) || isFork(process.pid())
                                || usesDirectory(process.pid()))))
                .toList();
    }

    /** Returns the processes that have not ended, and do not end soon by themselves. */
    List<ProcessHandle> left(Set<Long> known) {
        return Remainder.after(SOON, () -> running(known));
    }

    private static Path directory(long pid) {
        return Path.of("/proc", Long.toString(pid));
    }

    private boolean hasTag(long pid) {
        return List.of(read(directory(pid).resolve("environ")).split("\0", -1)).contains(tag);
    }

    /**
     * Returns whether a process is a fork of this JVM that has not executed a program. A fork has the
     * addresses of this JVM. Another JVM with the same command line has other ones, since the kernel
     * chooses them at random.
     */
    private static boolean isFork(long pid) {
        List<String> own = addresses(OWN);
        return !own.isEmpty() && own.equals(addresses(pid))
                && read(directory(pid).resolve("cmdline")).equals(read(directory(OWN).resolve("cmdline")));
    }

    /**
     * Returns where the stack and the environment of a process begin, see proc_pid_stat(5); empty if that
     * is hidden.
     */
    private static List<String> addresses(long pid) {
        String stat = read(directory(pid).resolve("stat"));
        String[] fields = stat.substring(stat.lastIndexOf(')') + 1).trim().split(" ", -1);
        if (fields.length <= ENVIRONMENT || fields[ENVIRONMENT].equals("0")) {
            return List.of();
        }
        return List.of(fields[STACK], fields[ENVIRONMENT]);
    }

    /** Returns whether a process of this user has a file of the test directory open. */
    private boolean usesDirectory(long pid) {
        return Objects.equals(ProcessState.of((int) pid).uid(), ProcessState.ofThisProcess().uid())
                && !openFiles(directory(pid)).isEmpty();
    }

    /** Returns the files of the test directory that a process has open, each with a note about its lock. */
    private List<String> openFiles(Path process) {
        List<String> open = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(process.resolve("fd"))) {
            for (Path entry : entries) {
                if (isBelow(entry)) {
                    String info = read(process.resolve("fdinfo").resolve(entry.getFileName()));
                    open.add(Files.readSymbolicLink(entry) + (info.contains("\nlock:") ? " (locked)" : ""));
                }
            }
        } catch (IOException e) {
            // the process has ended, or belongs to another user
        }
        return open;
    }

    private boolean isBelow(Path link) {
        try {
            return Files.readSymbolicLink(link).startsWith(directory);
        } catch (IOException e) {
            return false;
        }
    }

    /** Returns a process for people: number, command, parent, and the open files of the test directory. */
    String describe(ProcessHandle process) {
        Path directoryOfProcess = directory(process.pid());
        String command = read(directoryOfProcess.resolve("cmdline")).replace('\0', ' ').strip();
        String shown = isFork(process.pid())
                ? "a fork of this JVM"
                : command.length() > 100 ? command.substring(0, 100) + "..." : command;
        List<String> open = openFiles(directoryOfProcess).stream().distinct().toList();
        return "process " + process.pid() + " (" + shown + ") is left running"
                + (open.isEmpty() ? "" : ", with " + String.join(", ", open));
    }

    /**
     * Kills and reaps all of these processes, and those that they start meanwhile.
     *
     * @return the processes that this user may not kill
     */
    List<ProcessHandle> end(Set<Long> known) {
        long until = System.nanoTime() + END.toNanos();
        List<ProcessHandle> left = running(known);
        while (!left.isEmpty() && System.nanoTime() - until < 0) {
            left.forEach(StartedProcesses::end);
            left = running(known);
        }
        return left;
    }

    private static void end(ProcessHandle process) {
        boolean isChild = process.parent().filter(parent -> parent.pid() == OWN).isPresent();
        if (process.destroyForcibly() && isChild) {
            LibC.reap((int) process.pid());
        }
        LockSupport.parkNanos(1_000_000); // nothing announces the exit of another process's child
    }

    private static String read(Path file) {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return "";
        }
    }
}
