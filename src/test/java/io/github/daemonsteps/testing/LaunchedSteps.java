package io.github.daemonsteps.testing;

import io.github.daemonsteps.posix.Processes;
import io.github.daemonsteps.testkit.Pty;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** A {@link StepsLauncher} in its own JVM. {@link #close} kills all its processes. */
public final class LaunchedSteps implements AutoCloseable {

    private static final String MARK = "DAEMON_STEPS_TEST";

    private final ChildJvm jvm;
    private final String mark;
    private final List<String> lines = new ArrayList<>();

    private LaunchedSteps(ChildJvm jvm, String mark) {
        this.jvm = jvm;
        this.mark = mark;
    }

    /**
     * Starts the launcher by the command {@code prefix}, which may be empty, with these options of the JVM
     * and these arguments.
     */
    public static LaunchedSteps start(List<String> prefix, List<String> options, String... arguments)
            throws IOException {
        List<String> command = new ArrayList<>(prefix);
        command.addAll(ChildJvm.command(options, StepsLauncher.class, arguments));
        String value = UUID.randomUUID().toString();
        var builder = new ProcessBuilder(command).directory(Path.of("/").toFile());
        builder.environment().put(MARK, value);
        return new LaunchedSteps(ChildJvm.start(builder), MARK + "=" + value);
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
        return Processes.marked(mark);
    }

    @Override
    public void close() throws InterruptedException, IOException {
        jvm.close();
        for (List<Integer> left = left(); !left.isEmpty(); left = left()) {
            left.forEach(Processes::kill);
        }
    }
}
