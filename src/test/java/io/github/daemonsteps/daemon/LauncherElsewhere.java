package io.github.daemonsteps.daemon;

import io.github.daemonsteps.testing.ChildJvm;
import io.github.daemonsteps.testing.Sandbox;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.spi.ToolProvider;

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
     * The classes, the library's and the tests', as one jar that anybody can read; made once in a
     * directory. A JVM keeps it open: it can load more
     * classes of it when it can open nothing any more.
     */
    static Path jar(Path directory) throws IOException {
        Path jar = directory.resolve("classes.jar");
        if (Files.exists(jar)) {
            return jar;
        }
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        List<String> words = new ArrayList<>(List.of("--create", "--file", jar.toString()));
        for (String entry : ChildJvm.classPath().split(":")) {
            words.addAll(List.of("-C", entry, "."));
        }
        int status = ToolProvider.findFirst("jar").orElseThrow().run(System.out, System.err,
                words.toArray(String[]::new));
        if (status != 0) {
            throw new AssertionError("jar ended with status " + status);
        }
        return jar;
    }

    /** Starts it by a command, in the sandbox's directory; files without a folder are in {@code folder}. */
    static LauncherElsewhere start(Sandbox sandbox, Path jar, Path folder, List<String> prefix)
            throws IOException, InterruptedException {
        List<String> words = new ArrayList<>(prefix);
        // A JVM says on standard output that the system has no thread for it.
        words.addAll(ChildJvm.command(
                List.of("-Xlog:os+thread=off", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx64m",
                        "-XX:-MaxFDLimit", "-XX:-UsePerfData", "-XX:-UseDynamicNumberOfCompilerThreads"),
                StartLauncher.class));
        words.replaceAll(word -> word.equals(ChildJvm.classPath()) ? jar.toString() : word);
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
    String ask(String verb, String pidFile) throws Exception {
        return ask(List.of(verb, path(pidFile)));
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
