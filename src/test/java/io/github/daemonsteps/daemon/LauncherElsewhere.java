package io.github.daemonsteps.daemon;

import io.github.daemonsteps.testing.ChildJvm;
import io.github.daemonsteps.testing.CommandRunner;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The other side of a {@link StartLauncher} that was started by a command that sets up its surroundings.
 */
final class LauncherElsewhere implements AutoCloseable {

    private static final List<String> PROGRAM = List.of("/bin/sh", "-c",
            "echo >&READY; exec READY>&-; kill -STOP $$".replace("READY", "" + StartLauncher.READY));

    private final ChildJvm jvm;
    private final int pid;
    private final Path directory;

    private LauncherElsewhere(ChildJvm jvm, Path directory) throws InterruptedException {
        this.jvm = jvm;
        this.directory = directory;
        String here = jvm.line();
        if (!here.startsWith("here is ")) {
            jvm.kill();
            throw new AssertionError(here + " " + jvm.rest());
        }
        this.pid = Integer.parseInt(here.substring("here is ".length()));
    }

    /**
     * Starts the launcher by a command, in the directory of the runner. Files without a directory are in
     * {@code directory}. The JVM keeps its jars open, so that it can load classes when it can open no more
     * files.
     */
    static LauncherElsewhere start(CommandRunner runner, Path directory, List<String> prefix)
            throws IOException, InterruptedException {
        List<String> words = new ArrayList<>(prefix);
        // A JVM prints on standard output that the system has no thread for it.
        words.addAll(ChildJvm.command(
                List.of("-Xlog:os+thread=off", "-Xmx64m",
                        "-XX:-MaxFDLimit", "-XX:-UsePerfData", "-XX:-UseDynamicNumberOfCompilerThreads"),
                StartLauncher.class));
        return new LauncherElsewhere(ChildJvm.start(runner.builder(words)), directory);
    }

    /** Returns the number of the descriptor itself. */
    int pid() {
        return pid;
    }

    /** Starts a program that stops itself, and returns exit status and message. */
    String start(String pidFile, String log) throws Exception {
        return start(pidFile, log, "/", PROGRAM);
    }

    String start(String pidFile, String log, String directory, List<String> program) throws Exception {
        List<String> words = new ArrayList<>(List.of("start", path(pidFile), path(log), directory));
        words.addAll(program);
        return ask(words);
    }

    /** Returns the differences between the started daemon and a proper one: {@code none}. */
    String flaws(String pidFile, String log) throws Exception {
        return ask(List.of("flaws", path(pidFile), path(log), "/"));
    }

    /** Runs {@code status} or {@code stop}, and returns exit status and message. */
    String ask(String subcommand, String pidFile) throws Exception {
        return ask(List.of(subcommand, path(pidFile)));
    }

    /** From now on {@link #left} is reported. */
    void remember() throws Exception {
        ask("remember", "any");
    }

    /** Returns what a start has left in the launcher: {@code nothing}. */
    String left() throws Exception {
        return ask("left", "any");
    }

    String path(String name) {
        return directory.resolve(name).toString();
    }

    private String ask(List<String> words) throws Exception {
        jvm.send(String.join("\t", words));
        return jvm.line();
    }

    @Override
    public void close() throws InterruptedException {
        jvm.close();
    }
}
