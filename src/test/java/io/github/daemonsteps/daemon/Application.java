package io.github.daemonsteps.daemon;

import io.github.daemonsteps.daemon.readiness.Handshake;
import io.github.daemonsteps.process.Program;
import java.io.File;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;

/**
 * An application that is a daemon and behaves as its first argument says. Its files are in the directory of
 * the system property {@code directory}.
 */
final class Application {

    private static final Path DIRECTORY = Path.of(System.getProperty("directory"));

    private Application() {
    }

    static Daemon daemon(Path directory) {
        return Daemon.named("app").pidFile(directory.resolve("app.pid")).log(directory.resolve("app.log"))
                .startTimeout(Duration.ofMillis(Long.getLong("start.timeout", 60_000)))
                .stopTimeout(Duration.ofMillis(Long.getLong("stop.timeout", 30_000)));
    }

    public static void main(String[] args) {
        if (args[0].equals("long-lived")) {
            longLived();
            return;
        }
        Daemon daemon = daemon(DIRECTORY);
        if (Boolean.getBoolean("error.log")) {
            daemon = daemon.errorLog(DIRECTORY.resolve("app.err"));
        }
        if (Boolean.getBoolean("no.pid.file.in.foreground")) {
            daemon = daemon.noPidFileInForeground();
        }
        String user = System.getProperty("as.user");
        if (user != null) {
            daemon = daemon.user(user).log(DIRECTORY.resolve("log/app.log"));
        }
        daemon.launch(args, Application::work);
    }

    private static void work(DaemonContext daemon) throws Exception {
        Files.writeString(DIRECTORY.resolve("worked"), ProcessHandle.current().pid() + "\n");
        switch (daemon.args().isEmpty() ? "" : daemon.args().getFirst()) {
            case "--no-pid-file" ->
                Files.writeString(DIRECTORY.resolve("arguments"), daemon.args().toString());
            case "throws" -> throw new IOException("no port\nis left");
            case "throws-what-cannot-be-printed" -> {
                new Thread(() -> {
                    while (true) {
                        LockSupport.park(); // keeps the JVM alive until it is ended
                    }
                }).start();
                throw new Unprintable();
            }
            case "throws-an-error" -> throw new StackOverflowError();
            case "exits" -> System.exit(3);
            case "kills-itself" -> signalItself("KILL");
            case "is-silent" -> new CountDownLatch(1).await();
            case "returns" -> {
                return;
            }
            case "extends" -> {
                daemon.extendStartTimeout(Duration.ofMinutes(1));
                Files.writeString(DIRECTORY.resolve("extended"), "");
                awaitFile("go");
            }
            case "extends-for-ever" ->
                daemon.extendStartTimeout(java.time.temporal.ChronoUnit.FOREVER.getDuration());
            case "ends-slowly" -> Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                try {
                    Files.writeString(DIRECTORY.resolve("ending"), "");
                    awaitFile("go");
                } catch (Exception failed) {
                    throw new IllegalStateException(failed);
                }
            }));
            case "waits" -> awaitFile("go");
            case "tidies-up" -> {
                daemon.onStop(() -> write("tidied"));
                throw new IllegalStateException("untidy");
            }
            case "leaves-a-child" -> new ProcessBuilder("/bin/sh", "-c", "exec sleep 300").start();
            case "throws-everything" -> throwEverything(daemon);
            case "cannot-log" -> System.setErr(new PrintStream(System.err) {
                @Override
                public void println(String line) {
                    if (line.startsWith("app: ")) {
                        throw new LinkageError("cannot print");
                    }
                    super.println(line);
                }
            });
            case "floods" -> flood(daemon.args().get(1));
            case "leaves-a-flood" -> {
                new ProcessBuilder("/bin/sh", "-c", "while :; do echo 'EXTEND 60000'; done")
                        .redirectOutput(handshake()).start();
                System.exit(3);
            }
            case "says-much" -> daemon.ready("x".repeat(20_000_000));
            case "fails-with-much" -> throw new IOException("x".repeat(20_000_000));
            case "stops-slowly" -> daemon.onStop(() -> new CountDownLatch(1).await());
            default -> {
                // as it should be
            }
        }
        daemon.onReload(() -> System.out.println("reloaded"));
        daemon.onReload(() -> write("reloads"));
        daemon.onStop(() -> write("stops first to last: first"));
        daemon.onStop(() -> {
            throw new IllegalStateException("an action that fails");
        });
        daemon.onStop(() -> write("stops last to first: last"));
        System.out.println("standard output");
        System.err.println("standard error");
        if (daemon.args().contains("resolves")) {
            daemon.ready(daemon.resolve(daemon.args().get(1)).toString());
        } else if (!daemon.args().contains("says-much")) {
            daemon.ready("here\nI am");
        }
        Files.writeString(DIRECTORY.resolve("went-on"), "");
    }

    private static synchronized void write(String line) throws IOException {
        Files.writeString(DIRECTORY.resolve("actions"), line + "\n", StandardCharsets.UTF_8,
                java.nio.file.StandardOpenOption.CREATE, java.nio.file.StandardOpenOption.APPEND);
    }

    /** At a stop the last action runs first, and at a reload the first. */
    private static void throwEverything(DaemonContext daemon) {
        List<DaemonContext.Action> throwing = List.of(() -> {
            throw new StackOverflowError("an error");
        }, () -> {
            throw new NoClassDefFoundError("a/missing/Class");
        }, () -> {
            throw new Unprintable();
        }, () -> Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("daemon-steps stop")).forEach(Thread::interrupt));
        daemon.onStop(() -> {
            Thread.sleep(300); // only time shows whether this action is awaited
            write("stops after all that");
        });
        throwing.forEach(daemon::onReload);
        throwing.forEach(daemon::onStop);
    }

    /** An object whose methods all throw. */
    private static final class Unprintable extends Error {

        private static final long serialVersionUID = 1;

        @Override
        public String getMessage() {
            throw new IllegalStateException("no message");
        }

        @Override
        public String toString() {
            throw new IllegalStateException("no text");
        }
    }

    /** The end of the pipe to the launcher. */
    private static File handshake() {
        return new File("/proc/self/fd/" + Handshake.ofThisProcess().orElseThrow().fd());
    }

    /** Writes this text to the launcher as long as the launcher exists. */
    private static void flood(String text) throws IOException {
        byte[] bytes = text.repeat(1000).getBytes(StandardCharsets.UTF_8);
        try (var pipe = new FileOutputStream(handshake())) {
            while (true) {
                pipe.write(bytes);
            }
        }
    }

    private static void signalItself(String signal) throws Exception {
        new ProcessBuilder("/bin/sh", "-c", "kill -" + signal + " " + ProcessHandle.current().pid()).start();
        new CountDownLatch(1).await();
    }

    private static void awaitFile(String name) throws Exception {
        try (var watcher = DIRECTORY.getFileSystem().newWatchService()) {
            DIRECTORY.register(watcher, java.nio.file.StandardWatchEventKinds.ENTRY_CREATE);
            while (Files.notExists(DIRECTORY.resolve(name))) {
                watcher.take().reset();
            }
        }
    }

    /** A long-lived application that starts daemons: it prints the results, a line each, and then waits. */
    private static void longLived() {
        Daemon daemon = daemon(DIRECTORY);
        System.out.println(daemon.start(Program.of("/bin/sleep", "300"), Readiness.aliveAfter()));
        System.out.println(
                "ended: " + daemon.log(DIRECTORY.resolve("x.log")).pidFile(DIRECTORY.resolve("x.pid"))
                        .start(Program.of("/bin/false"), Readiness.aliveAfter()));
        System.out.println("children: " + ProcessHandle.current().children().toList());
        StopResult stopped = daemon.stop();
        System.out.println(stopped);
        System.out.println("children: " + ProcessHandle.current().children().toList());
        System.out.println("again: " + List.of(daemon.stop(), daemon.status().state(), daemon.reload()));
        System.out.println("end");
    }
}
