package io.github.daemonsteps.testing;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A JVM that runs a class of these tests, with the java of this JVM and the classes on the class path. It
 * prints lines on its standard output, and each wait ends after {@link #DEADLINE}. {@link #close} kills and
 * reaps it.
 */
public final class ChildJvm implements AutoCloseable {

    /** A guard against hanging. */
    public static final Duration DEADLINE = Duration.ofMinutes(2);

    private static final String END = "\0end";

    private final Process process;
    private final LinkedBlockingQueue<String> lines = new LinkedBlockingQueue<>();
    private final List<String> seen = new ArrayList<>();
    private volatile boolean isKilled;

    private ChildJvm(Process process) {
        this.process = process;
        Thread.ofVirtual().start(this::readLines);
    }

    /** Starts {@code main} with these arguments. */
    public static ChildJvm start(Class<?> main, String... arguments) throws IOException {
        return start(List.of(), main, arguments);
    }

    /** Starts {@code main} with these options of the JVM and these arguments. */
    public static ChildJvm start(List<String> options, Class<?> main, String... arguments)
            throws IOException {
        return start(new ProcessBuilder(command(options, main, arguments)));
    }

    /** Starts a process that was made from {@link #command}; standard error goes with standard output. */
    public static ChildJvm start(ProcessBuilder builder) throws IOException {
        return new ChildJvm(builder.redirectErrorStream(true).start());
    }

    /** The option of a JVM that repeats its work, and is quicker if it compiles. */
    public static final String COMPILES = "-XX:TieredStopAtLevel=1";

    /**
     * Returns the command that runs {@code main}. Unless the options choose another collector, the JVM uses as little CPU time as it can:
     * the AOT cache, the serial collector and, unless the options choose a compiler as {@link #COMPILES} does, the interpreter alone.
     */
    public static List<String> command(List<String> options, Class<?> main, String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(java().toString());
        command.add(TestClasses.NATIVE_ACCESS);
        if (options.stream().noneMatch(ChildJvm::isOtherCollector)) {
            command.add("-XX:+UseSerialGC");
            if (options.stream().noneMatch(option -> option.startsWith("-XX:TieredStopAtLevel="))) {
                command.add("-Xint");
            }
            command.addAll(TestClasses.options());
        }
        command.addAll(options);
        command.addAll(List.of("-cp", classPath(), main.getName()));
        command.addAll(List.of(arguments));
        return command;
    }

    private static boolean isOtherCollector(String option) {
        return option.matches("-XX:\\+Use(?!Serial)[A-Za-z0-9]+GC");
    }

    /** The java of this JVM. */
    public static Path java() {
        return Path.of(System.getProperty("java.home"), "bin", "java");
    }

    /** The classes of the library and of its tests, where every user can read them. */
    public static String classPath() {
        return TestClasses.classPath();
    }

    /** The project's directory. */
    public static Path baseDirectory() {
        Path directory = Path.of(System.getProperty("daemonsteps.basedir", "")).toAbsolutePath();
        if (!Files.exists(directory.resolve("src"))) {
            throw new IllegalStateException("not the project's directory: " + directory);
        }
        return directory;
    }

    private void readLines() {
        try (var reader =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                lines.add(line);
            }
        } catch (IOException e) {
            if (!isKilled) { // a kill closes the stream
                lines.add("cannot read the output: " + e);
            }
        } finally {
            lines.add(END);
        }
    }

    /** The next line it prints. */
    public String line() throws InterruptedException {
        String line = lines.poll(DEADLINE.toSeconds(), TimeUnit.SECONDS);
        if (line == null || line.equals(END)) {
            throw new AssertionError(
                    (line == null ? "no line in time" : "exit status " + status()) + ", after " + seen);
        }
        seen.add(line);
        return line;
    }

    /** The rest of what it prints, up to its end. */
    public List<String> rest() throws InterruptedException {
        List<String> rest = new ArrayList<>();
        while (true) {
            String line = lines.poll(DEADLINE.toSeconds(), TimeUnit.SECONDS);
            if (line == null) {
                throw new AssertionError("it did not end in time, after " + seen + rest);
            }
            if (line.equals(END)) {
                return rest;
            }
            rest.add(line);
        }
    }

    /** Sends it a line on its standard input. */
    public void send(String line) throws IOException {
        var input = process.getOutputStream();
        input.write((line + "\n").getBytes(StandardCharsets.UTF_8));
        input.flush();
    }

    /** Its exit status. */
    public int status() throws InterruptedException {
        if (!process.waitFor(DEADLINE.toSeconds(), TimeUnit.SECONDS)) {
            throw new AssertionError("it did not end in time, after " + seen + lines);
        }
        return process.exitValue();
    }

    /** Its id. */
    public int pid() {
        return (int) process.pid();
    }

    /** SIGKILL, and waits for its end. */
    public void kill() throws InterruptedException {
        isKilled = true;
        process.destroyForcibly();
        status();
    }

    @Override
    public void close() throws InterruptedException {
        kill();
    }
}
