package io.github.daemonsteps.testing;

import io.github.daemonsteps.posix.Processes;
import io.github.daemonsteps.testkit.CommandResult;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;

/**
 * The place of the commands of a test. {@link #close} kills all processes that the commands have started.
 */
public final class Sandbox implements AutoCloseable {

    private static final String MARK = "DAEMON_STEPS_SANDBOX";

    /** The command, as a user types it. */
    public static final String COMMAND = ChildJvm.baseDirectory().resolve("daemon-steps").toString();

    private final Path directory;
    private final String mark = UUID.randomUUID().toString();
    private final Map<String, String> environment = new TreeMap<>();
    private final List<String> prefix = new ArrayList<>();

    /** Creates a sandbox whose commands run in this directory. */
    public Sandbox(Path directory) {
        this.directory = directory;
        environment.put("JAVA_HOME", System.getProperty("java.home"));
        environment.put("XDG_STATE_HOME", directory.resolve("state").toString());
        environment.put("HOME", directory.toString());
        environment.put(MARK, mark);
    }

    /** Adds a variable to the environment of the commands. */
    public Sandbox with(String variable, String value) {
        environment.put(variable, value);
        return this;
    }

    /** Sets the command that runs the commands. */
    public Sandbox by(String... command) {
        prefix.addAll(List.of(command));
        return this;
    }

    /** Returns the directory. */
    public Path directory() {
        return directory;
    }

    /** Returns the path of a file in the directory. */
    public String file(String name) {
        return directory.resolve(name).toString();
    }

    /** Runs {@code ./daemon-steps} with these arguments. */
    public CommandResult command(String... arguments) throws IOException, InterruptedException {
        List<String> words = new ArrayList<>(List.of(COMMAND));
        words.addAll(List.of(arguments));
        return run(words);
    }

    /** Runs a command to its end, no longer than {@link ChildJvm#DEADLINE}. */
    public CommandResult run(List<String> words) throws IOException, InterruptedException {
        return CommandResult.of(builder(words), ChildJvm.DEADLINE, StandardCharsets.ISO_8859_1);
    }

    /** Runs a line of sh(1), in which {@code "$@"} stands for these arguments. */
    public CommandResult shell(String line, List<String> words) throws IOException, InterruptedException {
        List<String> all = new ArrayList<>(List.of("/bin/sh", "-c", line, "sh"));
        all.addAll(words);
        return run(all);
    }

    /** Returns a command that has not been started. */
    public ProcessBuilder builder(List<String> words) {
        List<String> all = new ArrayList<>(prefix);
        all.addAll(words);
        var builder = new ProcessBuilder(all).directory(directory.toFile());
        builder.environment().putAll(environment);
        return builder;
    }

    /** Returns the processes that are left, of all that have been started. */
    public List<Integer> left() throws IOException {
        return Processes.marked(MARK + "=" + mark);
    }

    @Override
    public void close() throws IOException {
        for (List<Integer> left = left(); !left.isEmpty(); left = left()) {
            left.forEach(Processes::kill);
        }
    }
}
