package io.github.daemonsteps.testkit;

import io.github.daemonsteps.process.ProcessState;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The processes that a test has started since this object was created.
 *
 * @param tag the entry in the environment of the processes, {@code NAME=value}
 * @param directory the directory of the test
 * @param before all processes at the beginning of the test
 */
record StartedProcesses(String tag, Path directory, Set<Long> before) {

    private static final long OWN = ProcessHandle.current().pid();

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
        String own = read(Path.of("/proc/self/cmdline"));
        return ProcessHandle.allProcesses().filter(process -> process.pid() != OWN)
                .filter(process -> !ProcessState.hasEnded((int) process.pid()))
                .filter(process -> isStarted(process.pid(), own)
                        || (known.contains(process.pid()) && !before.contains(process.pid())))
                .toList();
    }

    private boolean isStarted(long pid, String own) {
        Path process = Path.of("/proc", Long.toString(pid));
        return List.of(read(process.resolve("environ")).split("\0", -1)).contains(tag)
                || (!before.contains(pid)
                        && (read(process.resolve("cmdline")).equals(own) || usesDirectory(process)));
    }

    private boolean usesDirectory(Path process) {
        return isBelow(process.resolve("cwd")) || !openFiles(process).isEmpty();
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
        Path directoryOfProcess = Path.of("/proc", Long.toString(process.pid()));
        String command = read(directoryOfProcess.resolve("cmdline")).replace('\0', ' ').strip();
        String shown = command.equals(read(Path.of("/proc/self/cmdline")).replace('\0', ' ').strip())
                ? "a fork of this JVM"
                : command.length() > 100 ? command.substring(0, 100) + "..." : command;
        List<String> open = openFiles(directoryOfProcess).stream().distinct().toList();
        return "process " + process.pid() + " (" + shown + ") is left running"
                + (open.isEmpty() ? "" : ", with " + String.join(", ", open));
    }

    /** Kills and reaps all of these processes, and those that they start meanwhile. */
    void end(Set<Long> known) {
        for (List<ProcessHandle> left = running(known); !left.isEmpty(); left = running(known)) {
            left.forEach(StartedProcesses::end);
        }
    }

    private static void end(ProcessHandle process) {
        boolean isChild = process.parent().filter(parent -> parent.pid() == OWN).isPresent();
        process.destroyForcibly();
        if (isChild) {
            LibC.reap((int) process.pid());
        }
        while (!ProcessState.hasEnded((int) process.pid())) { // a killed process ends soon
            Thread.onSpinWait();
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return "";
        }
    }
}
