package io.github.daemonsteps.daemon;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.Processes;
import io.github.daemonsteps.testing.ChildJvm;
import io.github.daemonsteps.testing.ProcessTag;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A command line of the probe in {@code src/it/probe}, run by a shell, so that each byte arrives. In all
 * strings here a character is a byte. {@link #close} kills all processes of the run.
 */
final class ProbeRun implements AutoCloseable {

    /** The observations of one process. */
    record Seen(List<String> commandLine, List<String> environment, Map<String, String> properties,
            List<String> arguments, String patch, List<String> status, List<String> limits) {

        /** Returns the signals of a line of {@code /proc/PID/status}, as bits. */
        long signals(String field) {
            return ProbeRun.signals(status, field);
        }

        /** Returns the soft limit of open files. */
        String openFiles() {
            return limits.stream().filter(line -> line.startsWith("Max open files")).findFirst().orElseThrow()
                    .split(" +")[3];
        }
    }

    private final Path directory;
    private final ProcessTag tag = new ProcessTag();
    private final List<String> script = new ArrayList<>();
    private String prefix = "";
    private String redirections;
    private ChildJvm launcher;

    /**
     * The pid file, the log and the observations go to {@code directory}, which is the working directory of
     * the script.
     */
    ProbeRun(Path directory) {
        this.directory = directory;
        shell("unset CLASSPATH JDK_JAVA_OPTIONS JAVA_TOOL_OPTIONS _JAVA_OPTIONS LC_ALL LANG");
        this.redirections = "2>" + quoted(directory.resolve("errors").toString());
    }

    /** Adds a line of sh(1) before the command. */
    ProbeRun shell(String command) {
        script.add(command);
        return this;
    }

    /** Adds a variable to the environment. */
    ProbeRun variable(String name, String value) {
        return shell("export " + name + "=" + quoted(value));
    }

    /** Sets the command that starts the probe. */
    ProbeRun through(String command) {
        prefix = command;
        return this;
    }

    /** Sets redirections of descriptors. By default {@link #errors} has the standard error. */
    ProbeRun redirected(String redirection) {
        redirections = redirection;
        return this;
    }

    /** Returns whether the directory has observations. */
    boolean hasStandardOutput() {
        return !redirections.contains(">&-") || redirections.equals("2>&-");
    }

    private static String quoted(String word) {
        return "'" + word.replace("'", "'\\''") + "'";
    }

    private static String bytes(CString string) {
        return new String(string.bytes(), ISO_8859_1);
    }

    /** Returns {@code path} as bytes. */
    static String bytes(Path path) {
        return bytes(CString.of(path));
    }

    /** Starts the script. */
    ProbeRun start(List<String> words) throws IOException {
        script.add("exec " + prefix + " "
                + words.stream().map(ProbeRun::quoted).collect(Collectors.joining(" ")) + " " + redirections);
        Path file = directory.resolve("script");
        Files.write(file, (String.join("\n", script) + "\n").getBytes(ISO_8859_1));
        var builder = new ProcessBuilder("/bin/sh", file.toString()).directory(directory.toFile());
        launcher = ChildJvm.start(tag.addTo(builder));
        return this;
    }

    /** Returns the next line of standard output. */
    String line() throws InterruptedException {
        return launcher.line();
    }

    /** Returns the remaining lines of standard output. */
    List<String> output() throws InterruptedException {
        return launcher.rest();
    }

    /** Waits for the end and returns the exit status. */
    int status() throws InterruptedException {
        return launcher.status();
    }

    /** Returns the standard error, without the messages of the JDK on its own variables. */
    List<String> errors() throws IOException {
        Path errors = directory.resolve("errors");
        List<String> all = Files.exists(errors) ? lines(errors) : List.of();
        return all.stream().filter(line -> !line.contains("Picked up ")).toList();
    }

    /**
     * Returns the process id of the shell, and then of the launcher, unless another command starts the
     * launcher.
     */
    int launcherPid() {
        return launcher.pid();
    }

    /** Returns the process id of the daemon in the pid file. */
    int daemonPid() throws IOException {
        return Integer.parseInt(Files.readString(directory.resolve("probe.pid")).strip());
    }

    /** Returns the content of the log. */
    String log() throws IOException {
        Path log = directory.resolve("probe.log");
        return Files.exists(log) ? Files.readString(log, ISO_8859_1) : "";
    }

    /** Returns the observations of the launcher in main: the one process besides the daemon. */
    Seen launcher() throws IOException {
        List<String> mains = new ArrayList<>(files("main-"));
        mains.remove("main-" + daemonPid());
        if (mains.size() != 1) {
            throw new AssertionError("not one launcher: " + mains);
        }
        return seen(mains.getFirst());
    }

    /** Returns the observations of the daemon in its worker. */
    Seen daemon() throws IOException {
        return seen("worker-" + daemonPid());
    }

    /**
     * Without the paths of heap dumps and error files, which only the daemon of an ordinary user in {@code
     * /} has.
     */
    static List<String> withoutDumpFiles(List<String> commandLine) {
        return commandLine.stream().filter(word -> !word.matches("-XX:(ErrorFile|HeapDumpPath)=.*")).toList();
    }

    private Seen seen(String place) throws IOException {
        Path seen = directory.resolve(place);
        return new Seen(withoutDumpFiles(strings(seen.resolve("cmdline"))), strings(seen.resolve("environ")),
                properties(seen.resolve("properties")), inOrder(properties(seen.resolve("arguments"))),
                Files.readString(seen.resolve("patch")), lines(seen.resolve("status")),
                lines(seen.resolve("limits")));
    }

    /** Returns the names in the directory that begin with this text. */
    List<String> files(String prefixOfName) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.startsWith(prefixOfName)).toList();
        }
    }

    /** Returns the processes of the run that are left. */
    List<Integer> left() throws IOException {
        return tag.processes();
    }

    /** Returns the command line of a process, read from outside. */
    static List<String> commandLine(int pid) throws IOException {
        return strings(Path.of("/proc", Integer.toString(pid), "cmdline"));
    }

    /** Returns the union of the signals of this field of {@code status} over the threads of a process. */
    static long signalsOfAllThreads(int pid, String field) throws IOException {
        long all = 0;
        for (String status : Processes.filesOfThreads(pid, "status")) {
            all |= signals(status.lines().toList(), field);
        }
        return all;
    }

    private static long signals(List<String> status, String field) {
        return status.stream().filter(line -> line.startsWith(field + ":"))
                .mapToLong(line -> Long.parseUnsignedLong(line.substring(line.indexOf(':') + 1).strip(), 16))
                .findFirst().orElseThrow();
    }

    private static List<String> lines(Path file) throws IOException {
        return Files.readAllLines(file, ISO_8859_1);
    }

    private static List<String> strings(Path file) throws IOException {
        String all = Files.readString(file, ISO_8859_1);
        List<String> strings = new ArrayList<>(List.of(all.split("\0", -1)));
        strings.removeLast();
        return List.copyOf(strings);
    }

    private static List<String> inOrder(Map<String, String> numbered) {
        return IntStream.range(0, numbered.size()).mapToObj(i -> numbered.get(Integer.toString(i))).toList();
    }

    private static Map<String, String> properties(Path file) throws IOException {
        var properties = new Properties();
        try (Reader reader = Files.newBufferedReader(file, ISO_8859_1)) {
            properties.load(reader);
        }
        Map<String, String> map = new TreeMap<>();
        properties.stringPropertyNames().forEach(name -> map.put(name, properties.getProperty(name)));
        return map;
    }

    @Override
    public void close() throws InterruptedException, IOException {
        if (launcher != null) {
            launcher.close();
        }
        tag.killAll();
    }
}
