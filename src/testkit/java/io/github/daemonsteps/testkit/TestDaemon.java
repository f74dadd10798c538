package io.github.daemonsteps.testkit;

import io.github.daemonsteps.daemon.Daemon;
import io.github.daemonsteps.daemon.Readiness;
import io.github.daemonsteps.daemon.ReloadResult;
import io.github.daemonsteps.daemon.StartResult;
import io.github.daemonsteps.daemon.Status;
import io.github.daemonsteps.daemon.StopResult;
import io.github.daemonsteps.process.Program;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * An application under test as a real daemon: a JVM of its own with the class path of the test. The main
 * class must call {@link Daemon#launch} or {@link Daemon#run}. {@link #start} waits until the application
 * is ready.
 *
 * <pre>{@code
 * try (var echo = TestDaemon.start(EchoServer.class, "--port", "0")) {
 *     assertThat(echo.result()).isStarted();
 *     echo.reload();
 *     assertThat(echo.log()).contains("reloading");
 * }
 * }</pre>
 *
 * <p>The pid file and the log are in a new directory, as are the default files of the application. The
 * directory is deleted at the end.
 */
public final class TestDaemon implements AutoCloseable {

    private static final Path JAVA = Path.of(System.getProperty("java.home"), "bin", "java");

    private final TestDirectory directory;
    private final Daemon daemon;
    private final StartResult result;
    private @Nullable List<String> closedLog;

    private TestDaemon(TestDirectory directory, Daemon daemon, StartResult result) {
        this.directory = directory;
        this.daemon = daemon;
        this.result = result;
    }

    /**
     * Starts an application, and waits until it is ready or has failed.
     *
     * @param application the class with the main method
     * @param arguments the arguments of the application, without a subcommand
     * @return the daemon, also if the start has failed
     */
    public static TestDaemon start(Class<?> application, String... arguments) {
        return start(application, List.of(), arguments);
    }

    /**
     * Starts an application, as {@link #start(Class, String...)} does.
     *
     * @param application the class with the main method
     * @param jvmOptions options of the JVM, such as {@code -Xmx64m}
     * @param arguments the arguments of the application, without a subcommand
     * @return the daemon, also if the start has failed
     */
    public static TestDaemon start(Class<?> application, List<String> jvmOptions, String... arguments) {
        try {
            String classPath = classPath(application);
            TestDirectory directory = TestDirectory.create();
            Daemon daemon = Daemon.named(application.getSimpleName()).pidFile(directory.file("test.pid"))
                    .log(directory.file("test.log"));
            List<String> words = new ArrayList<>(List.of("--enable-native-access=ALL-UNNAMED",
                    "-Ddaemonsteps.directory=" + directory.path()));
            words.addAll(jvmOptions);
            words.addAll(List.of("-cp", classPath, application.getName(), "start"));
            words.addAll(List.of(arguments));
            Launcher launcher = DaemonsExtension.current();
            Program program;
            if (launcher == null) {
                program = Program.of(JAVA.toString(), words.toArray(String[]::new));
            } else {
                program = launcher.program(JAVA.toString(), words.toArray(String[]::new));
                launcher.deleteAfterTest(directory);
            }
            return new TestDaemon(directory, daemon, daemon.start(program, Readiness.handshake()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns the class path and the module path of this JVM, and the place of the application. */
    private static String classPath(Class<?> application) {
        return Stream.of(place(application), System.getProperty("java.class.path", ""),
                System.getProperty("jdk.module.path", ""))
                .flatMap(paths -> Stream.of(paths.split(File.pathSeparator, -1)))
                .filter(path -> !path.isEmpty())
                .map(path -> Path.of(path).toAbsolutePath().toString()) // the daemon runs in another directory
                .collect(Collectors.joining(File.pathSeparator));
    }

    /** Returns the directory or jar of a class. In a patched module that is another one than the module's. */
    private static String place(Class<?> application) {
        String file = application.getName().replace('.', '/') + ".class";
        ClassLoader loader = application.getClassLoader();
        URL url = loader == null ? null : loader.getResource(file);
        if (url == null) {
            throw new IllegalArgumentException(
                    "class " + application.getName() + " is not an application: it has no class file");
        }
        String text = url.toString();
        String root =
                text.substring(text.startsWith("jar:") ? "jar:".length() : 0, text.length() - file.length());
        try {
            return Path.of(new URI(root.replaceFirst("!/$", ""))).toString();
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException("class " + application.getName() + " is at " + url, e);
        }
    }

    /** Returns the result of the start. */
    public StartResult result() {
        return result;
    }

    /**
     * Returns the process id of the daemon.
     *
     * @throws AssertionError if the daemon was not started; the message has the reason and the end of the log
     */
    public int pid() {
        if (result instanceof StartResult.Started started) {
            return started.pid();
        }
        throw new AssertionError(String.join("\n",
                Stream.concat(Stream.of(result.message()), result.details().stream()).toList()));
    }

    /** Returns the lines that the daemon has written to its log, also after a reload and after the end. */
    public List<String> log() {
        return closedLog == null ? readLog() : closedLog;
    }

    private List<String> readLog() {
        try {
            List<String> lines = new ArrayList<>();
            for (Path log : directory.filesThatEndWith(".log")) {
                lines.addAll(new String(Files.readAllBytes(log), StandardCharsets.UTF_8).lines().toList());
            }
            return lines;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns the directory with the files of the daemon. */
    public TestDirectory directory() {
        return directory;
    }

    /** Returns the status of the daemon. */
    public Status status() {
        return daemon.status();
    }

    /** Asks the daemon to reload. The reload itself ends later. */
    public ReloadResult reload() {
        return daemon.reload();
    }

    /** Stops the daemon, and waits for its end. */
    public StopResult stop() {
        return daemon.stop();
    }

    /** Stops the daemon if it runs, and deletes its files. */
    @Override
    public void close() {
        StopResult stopped = daemon.stop();
        if (stopped instanceof StopResult.Failed) {
            throw new AssertionError(stopped.message());
        }
        if (closedLog == null) {
            closedLog = readLog();
        }
        try {
            directory.delete();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
