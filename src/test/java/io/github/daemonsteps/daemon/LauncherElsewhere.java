package io.github.daemonsteps.daemon;

import io.github.daemonsteps.testing.ChildJvm;
import io.github.daemonsteps.testing.Sandbox;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The other side of a {@link StartLauncher}: one that has been started by a command that makes its surroundings. */
final class LauncherElsewhere implements AutoCloseable {

    private static final List<String> PROGRAM = List.of("/bin/sh", "-c",
            "echo >&READY; exec READY>&-; kill -STOP $$".replace("READY", "" + StartLauncher.READY));

    private final ChildJvm jvm;
    private final int pid;
    private final Path folder;

    private LauncherElsewhere(ChildJvm jvm, Path folder) throws InterruptedException {
        this.jvm = jvm;
        this.folder = folder;
        String here = jvm.line();
        if (!here.startsWith("here is ")) {
            jvm.kill();
            throw new AssertionError(here + " " + jvm.rest());
        }
        this.pid = Integer.parseInt(here.substring("here is ".length()));
    }

    /**
     * Starts it by a command, in the sandbox's directory; files without a folder are in {@code folder}. Its JVM keeps its jars open: it
     * can load more classes of them when it can open nothing any more.
     */
    static LauncherElsewhere start(Sandbox sandbox, Path folder, List<String> prefix)
            throws IOException, InterruptedException {
        List<String> words = new ArrayList<>(prefix);
        // A JVM says on standard output that the system has no thread for it.
        words.addAll(ChildJvm.command(
                List.of("-Xlog:os+thread=off", "-Xmx64m",
                        "-XX:-MaxFDLimit", "-XX:-UsePerfData", "-XX:-UseDynamicNumberOfCompilerThreads"),
                StartLauncher.class));
        return new LauncherElsewhere(ChildJvm.start(sandbox.builder(words)), folder);
    }

    /** The number that it has itself. */
    int pid() {
        return pid;
    }

    /** Starts a program that stops itself: exit status and message. */
    String start(String pidFile, String log) throws Exception {
        return start(pidFile, log, "/", PROGRAM);
    }

    String start(String pidFile, String log, String directory, List<String> program) throws Exception {
        List<String> words = new ArrayList<>(List.of("start", path(pidFile), path(log), directory));
        words.addAll(program);
        return ask(words);
    }

    /** How a started daemon differs from what it should be: {@code none}. */
    String flaws(String pidFile, String log) throws Exception {
        return ask(List.of("flaws", path(pidFile), path(log), "/"));
    }

    /** {@code status} or {@code stop}: exit status and message. */
    String ask(String subcommand, String pidFile) throws Exception {
        return ask(List.of(subcommand, path(pidFile)));
    }

    /** From here on it is told what is {@link #left}. */
    void remember() throws Exception {
        ask("remember", "any");
    }

    /** What a start has left in the launcher: {@code nothing}. */
    String left() throws Exception {
        return ask("left", "any");
    }

    String path(String name) {
        return folder.resolve(name).toString();
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
