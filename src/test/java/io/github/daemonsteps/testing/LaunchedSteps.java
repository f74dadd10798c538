package io.github.daemonsteps.testing;

import io.github.daemonsteps.testkit.Pty;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A {@link StepsLauncher} in its own JVM. {@link #close} kills all its processes. */
public final class LaunchedSteps implements AutoCloseable {

    private final ChildJvm jvm;
    private final ProcessTag tag;
    private final List<String> lines = new ArrayList<>();

    private LaunchedSteps(ChildJvm jvm, ProcessTag tag) {
        this.jvm = jvm;
        this.tag = tag;
    }

    /**
     * Starts the launcher by the command {@code prefix}, which may be empty, with these options of the JVM
     * and these arguments.
     */
    public static LaunchedSteps start(List<String> prefix, List<String> options, String... arguments)
            throws IOException {
        List<String> command = new ArrayList<>(prefix);
        command.addAll(ChildJvm.command(options, StepsLauncher.class, arguments));
        var tag = new ProcessTag();
        var builder = new ProcessBuilder(command).directory(Path.of("/").toFile());
        return new LaunchedSteps(ChildJvm.start(tag.addTo(builder)), tag);
    }

    /**
     * Starts the launcher as session leader with this controlling terminal, which is also its standard
     * input, output and error.
     */
    public static LaunchedSteps on(Pty terminal, String... arguments) throws IOException {
        String script = "exec 3>&1; exec setsid --ctty --wait \"$@\" <\"$0\" >\"$0\" 2>&1";
        return start(List.of("/bin/sh", "-c", script, terminal.path().toString()), List.of("-Dreport=3"),
                arguments);
    }

    /** Returns the next line. */
    public String line() throws InterruptedException {
        String line = jvm.line();
        lines.add(line);
        return line;
    }

    /** Returns all lines up to the one that reports the end of the steps. */
    public List<String> lines() throws InterruptedException {
        while (lines.isEmpty() || !lines.getLast().equals("end")) {
            line();
        }
        return List.copyOf(lines);
    }

    /** Returns the rest of those lines that start with this word. */
    public List<String> lines(String word) throws InterruptedException {
        return lines().stream().filter(line -> line.startsWith(word + " "))
                .map(line -> line.substring(word.length() + 1)).toList();
    }

    /** Returns the id of the process that has become a program. */
    public int program() throws InterruptedException {
        List<String> pids = lines("program");
        if (pids.size() != 1) {
            throw new AssertionError("no program: " + lines);
        }
        return Integer.parseInt(pids.getFirst());
    }

    /** Waits for the end of the launcher. */
    public int status() throws InterruptedException {
        return jvm.status();
    }

    /** Returns the process id of the launcher. */
    public int pid() {
        return jvm.pid();
    }

    /** Returns the processes that are left: the launcher and its forked processes. */
    public List<Integer> left() throws IOException {
        return tag.processes();
    }

    @Override
    public void close() throws InterruptedException, IOException {
        jvm.close();
        tag.killAll();
    }
}
