package io.github.daemonsteps.testing;

import io.github.daemonsteps.daemon.Daemon;
import io.github.daemonsteps.posix.Processes;
import java.io.IOException;
import java.util.List;
import java.util.UUID;

/**
 * An entry in the environment of processes, by which they are found. A test with {@code @Daemons} uses the
 * tag of its {@code Launcher} instead.
 */
public final class ProcessTag {

    /** The name of the variable. */
    public static final String VARIABLE = "DAEMON_STEPS_PROCESS_TAG";

    private final String value;

    /** Creates a tag that no process has. */
    public ProcessTag() {
        this(UUID.randomUUID().toString());
    }

    /** Creates a tag with this value, which another JVM may use too. */
    public ProcessTag(String value) {
        this.value = value;
    }

    /** Adds the tag to the environment of a command. */
    public ProcessBuilder addTo(ProcessBuilder command) {
        command.environment().put(VARIABLE, value);
        return command;
    }

    /** Adds the tag to the environment of a daemon. */
    public Daemon addTo(Daemon daemon) {
        return daemon.environment(VARIABLE, value);
    }

    /** Returns the processes with the tag that have not ended. */
    public List<Integer> processes() throws IOException {
        return Processes.marked(VARIABLE + "=" + value);
    }

    /** Kills all processes with the tag, and those that they start meanwhile. */
    public void killAll() throws IOException {
        for (List<Integer> left = processes(); !left.isEmpty(); left = processes()) {
            left.forEach(Processes::kill);
        }
    }
}
