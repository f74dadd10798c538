package io.github.daemonsteps.testing;

import io.github.daemonsteps.posix.Processes;
import io.github.daemonsteps.testkit.CommandResult;
import io.github.daemonsteps.testkit.Launcher;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Runs commands for a test, {@code ./daemon-steps} and others. The {@link Launcher} tags their processes. */
public final class CommandRunner {

    /** The command, as a user types it. */
    public static final String COMMAND = ChildJvm.baseDirectory().resolve("daemon-steps").toString();

    /**
     * The prefix of a command that resets the signals which the tests ignore, SIGHUP under nohup(1) and
     * SIGINT if a script has started them with {@code &}. A JVM never handles a signal that was ignored when
     * it was started.
     */
    public static final List<String> NO_SIGNAL_IGNORED = List.of(Tool.path("env"), "--default-signal");

    private final Launcher launcher;
    private final Path directory;
    private final Map<String, String> environment = new TreeMap<>();
    private final List<String> prefix = new ArrayList<>();

    /** Creates a runner whose commands have this directory as working directory and as home. */
    public CommandRunner(Launcher launcher, Path directory) {
        this.launcher = launcher;
        this.directory = directory;
        environment.put("JAVA_HOME", System.getProperty("java.home"));
        environment.put("XDG_STATE_HOME", directory.resolve("state").toString());
        environment.put("HOME", directory.toString());
    }

    /** Adds a variable to the environment of the commands. */
    public CommandRunner with(String variable, String value) {
        environment.put(variable, value);
        return this;
    }

    /** Sets the command that runs the commands. */
    public CommandRunner by(String... command) {
        prefix.addAll(List.of(command));
        return this;
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
        List<String> all = new ArrayList<>(NO_SIGNAL_IGNORED);
        all.addAll(prefix);
        all.addAll(words);
        var builder = launcher.builder(all.toArray(String[]::new)).directory(directory.toFile());
        builder.environment().putAll(environment);
        return builder;
    }

    /** Returns the processes of the test that have not ended. */
    public List<Integer> processes() {
        return launcher.processes();
    }

    /** Kills the processes of the test, which it leaves on purpose. */
    public void killProcesses() {
        launcher.killProcesses();
    }

    /** Kills the daemon of a pid file in the directory, and deletes the file. */
    public void killDaemon(String pidFile) throws IOException {
        Path file = directory.resolve(pidFile);
        Processes.kill(Integer.parseInt(Files.readString(file).strip()));
        Files.delete(file);
    }
}
