package io.github.daemonsteps.cli;

import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.text.IoReason;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * The run from which the JVM learns what the AOT cache of the command contains: every subcommand in this one
 * JVM, with its usual failures. The script runs this class when it creates the cache.
 *
 * <p>The files are in a new directory, and each daemon ends by itself within seconds, also if the training is
 * killed. The subcommand {@code demo} is left out: most of its time is that of the web server.
 */
final class CacheTraining {

    /** A program that lives longer than the training needs it. */
    private static final List<String> PROGRAM = List.of("--", "/bin/sleep", "10");

    private final Path directory;
    private boolean removed;

    private CacheTraining(Path directory) {
        this.directory = directory;
    }

    public static void main(String[] args) throws IOException {
        var training = new CacheTraining(Files.createTempDirectory("daemon-steps-training"));
        // A hook, since the caller may interrupt the command.
        Runtime.getRuntime().addShutdownHook(new Thread(training::remove));
        training.run();
    }

    private void run() throws IOException {
        run("--help");
        run("--version");
        run("unknown");
        run(List.of("plan"), List.of());
        run(List.of("plan"), PROGRAM);
        run(List.of("trace"), List.of());
        run(List.of("trace", "--json"), List.of());
        run(named("trace", "--log", directory.resolve("d.log").toString()), PROGRAM);
        run(named("status"), List.of());
        run(named("stop"), List.of());
        run(started("start", "exec:1ms"), PROGRAM);
        run(started("start", "exec:1ms"), PROGRAM);
        run(named("status"), List.of());
        run(named("status", "--json"), List.of());
        run(named("reload"), List.of());
        run(started("restart", "exec:1ms"), PROGRAM);
        run(named("stop"), List.of());
        run(started("start", "fd:3"), List.of("--", "/bin/sh", "-c", "echo >&3; exec sleep 10"));
        run(named("stop"), List.of());
        run(started("start", "exec"), List.of("--", "/bin/false"));
        run(started("start", "exec"), List.of("--", directory.resolve("missing").toString()));
        run("nohup", "--quiet", "--", "/bin/true");
        runForeground();
    }

    private List<String> named(String subcommand, String... options) {
        return concat(List.of(subcommand, "--pid-file", directory.resolve("d.pid").toString()),
                List.of(options));
    }

    private List<String> started(String subcommand, String readiness) {
        return concat(named(subcommand),
                List.of("--log", directory.resolve("d.log").toString(), "--ready", readiness));
    }

    /** Runs {@code run} last, since it changes this process. A file of no known format is not executed. */
    private void runForeground() throws IOException {
        Path program = Files.write(directory.resolve("program"), new byte[]{0});
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
        run("run", "--", program.toString());
    }

    private void run(String... arguments) {
        run(List.of(arguments), List.of());
    }

    private synchronized void run(List<String> arguments, List<String> operands) {
        if (removed) {
            return;
        }
        Main.run(concat(arguments, operands).stream().map(CString::of).toList());
    }

    private static List<String> concat(List<String> first, List<String> second) {
        return Stream.concat(first.stream(), second.stream()).toList();
    }

    /** Removes the directory after the command that runs at this moment, and lets no other command run. */
    private synchronized void remove() {
        removed = true;
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : (Iterable<Path>) files.sorted(Comparator.reverseOrder())::iterator) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(directory + " cannot be removed: " + IoReason.of(e), e);
        }
    }
}
