package io.github.daemonsteps.posix;

import io.github.daemonsteps.ffm.NativePosix;
import io.github.daemonsteps.process.ProcessState;
import io.github.daemonsteps.procfs.ProcessStat;
import io.github.daemonsteps.procfs.TrackedProcess;
import io.github.daemonsteps.testing.Await;
import io.github.daemonsteps.testing.ChildJvm;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Inspects, awaits and kills processes that are not children of this one. */
public final class Processes {

    private Processes() {
    }

    /** Waits until a process has ended; fails if it does not. */
    public static void awaitEnd(int pid) {
        var watch = TrackedProcess.of(NativePosix.get(), pid);
        try {
            if (!watch.awaitEnd(System.nanoTime() + ChildJvm.DEADLINE.toNanos())) {
                throw new AssertionError("process " + pid + " goes on: " + ProcessStat.of(pid));
            }
        } finally {
            watch.close();
        }
    }

    /** Waits until a process has this command name: until it has executed the program. */
    public static void awaitCommand(int pid, String command) {
        // Only a parent can be notified of an execve.
        Await.until(() -> ProcessStat.of(pid).map(stat -> stat.command().equals(command)).orElse(true),
                () -> "process " + pid + " is not " + command + ": " + ProcessStat.of(pid));
    }

    /** Waits until a process has a child. */
    public static void awaitChild(int pid) throws IOException {
        // Only a parent is notified of a fork.
        Await.until(() -> !children(pid).isEmpty(), () -> "process " + pid + " has no child");
    }

    /** Waits until so many other processes wait for the end of this one by a pidfd. */
    public static void awaitWatchers(int count, int pid) throws IOException {
        // Nothing announces a descriptor of another process.
        Await.until(() -> watchers(pid) >= count,
                () -> "process " + pid + " is watched by " + watchers(pid) + " processes");
    }

    private static int watchers(int pid) throws IOException {
        int watchers = 0;
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            for (Path process : processes) {
                watchers += watches(process, pid) ? 1 : 0;
            }
        }
        return watchers;
    }

    private static boolean watches(Path process, int pid) {
        try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(process.resolve("fdinfo"))) {
            for (Path descriptor : descriptors) {
                if (Files.readAllLines(descriptor).contains("Pid:\t" + pid)) {
                    return true;
                }
            }
            return false;
        } catch (IOException | DirectoryIteratorException e) {
            return false;
        }
    }

    /** Returns whether a process has ended: it does not exist, or waits to be reaped. */
    public static boolean hasEnded(int pid) {
        return ProcessState.hasEnded(pid);
    }

    /** Returns the child processes of a process, zombies too; an empty set if it has ended. */
    public static Set<Integer> children(int pid) throws IOException {
        Set<Integer> children = new TreeSet<>();
        Path process = Path.of("/proc", Integer.toString(pid));
        try (DirectoryStream<Path> threads = Files.newDirectoryStream(process.resolve("task"))) {
            for (Path thread : threads) {
                for (String child : Files.readString(thread.resolve("children")).split(" ", -1)) {
                    if (!child.isEmpty()) {
                        children.add(Integer.valueOf(child));
                    }
                }
            }
            return children;
        } catch (NoSuchFileException ended) {
            // a thread, or the whole process, has ended
            return Files.exists(process) ? children(pid) : Set.of();
        }
    }

    /**
     * Returns the contents of a file of {@code /proc/PID/task/TID}, one for each thread. A thread that ends
     * meanwhile is left out.
     */
    public static List<String> filesOfThreads(int pid, String file) throws IOException {
        List<String> contents = new ArrayList<>();
        try (DirectoryStream<Path> threads =
                Files.newDirectoryStream(Path.of("/proc", Integer.toString(pid), "task"))) {
            for (Path thread : threads) {
                try {
                    contents.add(Files.readString(thread.resolve(file), StandardCharsets.ISO_8859_1));
                } catch (IOException e) { // also ESRCH, of a file that was opened before
                    if (Files.exists(thread)) {
                        throw e;
                    }
                }
            }
        }
        return contents;
    }

    /** Kills a process, if it exists. */
    public static void kill(int pid) {
        signal(pid, Signal.SIGKILL);
        awaitEnd(pid);
    }

    /** Sends a signal to a process, if it exists. */
    public static void signal(int pid, Signal signal) {
        try {
            NativePosix.get().kill(pid, signal);
        } catch (PosixException e) {
            if (!hasEnded(pid)) {
                throw e;
            }
        }
    }

    /**
     * Returns all processes with this environment entry, {@code NAME=value}. The entry marks all processes
     * of a test.
     */
    public static List<Integer> marked(String entry) throws IOException {
        List<Integer> marked = new ArrayList<>();
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            for (Path process : processes) {
                int pid = Integer.parseInt(process.getFileName().toString());
                if (!hasEnded(pid) && environment(process).contains(entry)) {
                    marked.add(pid);
                }
            }
        }
        return marked;
    }

    /** Returns the forks of this JVM that have not executed a program: they have its command line. */
    public static List<Integer> forksOfThisJvm() throws IOException {
        int own = (int) ProcessHandle.current().pid();
        String commandLine = commandLine(Path.of("/proc/self"));
        List<Integer> forks = new ArrayList<>();
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            for (Path process : processes) {
                int pid = Integer.parseInt(process.getFileName().toString());
                if (pid != own && commandLine(process).equals(commandLine) && !hasEnded(pid)) {
                    forks.add(pid);
                }
            }
        }
        return forks;
    }

    private static String commandLine(Path process) {
        try {
            return Files.readString(process.resolve("cmdline"), java.nio.charset.StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return "";
        }
    }

    private static List<String> environment(Path process) {
        try {
            String environment = Files.readString(process.resolve("environ"),
                    java.nio.charset.StandardCharsets.ISO_8859_1);
            return List.of(environment.split("\0", -1));
        } catch (IOException e) {
            return List.of();
        }
    }
}
