package probe;

import io.github.daemonsteps.daemon.Daemon;
import io.github.daemonsteps.daemon.DaemonContext;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Properties;

/**
 * A daemon that writes down what it sees: first in {@code main}, so in the launcher too, and then in the
 * worker. It goes into the directory that the system property {@code probe.directory} names by an absolute path,
 * into {@code main-PID} and {@code worker-PID}; the pid file and the log are there too.
 */
public final class Probe {

    private static final Path DIRECTORY = Path.of(System.getProperty("probe.directory"));
    private static final String START_A_CHILD = "-Dprobe.child=true";

    private Probe() {
    }

    /** Does what the first argument says; {@code begin} starts the daemon with arguments of its own. */
    public static void main(String[] args) throws IOException {
        write("main", Arrays.asList(args));
        if (args[0].equals("begin")) {
            System.out.println(daemon().start("its own", "\u00e9", "").message());
        } else {
            daemon().launch(args, Probe::work);
        }
    }

    /** The system properties {@code probe.jvmOption} and {@code probe.openFiles} are given on to it. */
    private static Daemon daemon() {
        Daemon daemon = Daemon.named("probe").pidFile(DIRECTORY.resolve("probe.pid"))
                .log(DIRECTORY.resolve("probe.log"));
        String option = System.getProperty("probe.jvmOption");
        if (option != null) {
            daemon = daemon.jvmOptions(option);
        }
        int files = Integer.getInteger("probe.openFiles", -1);
        if (files >= 0) {
            daemon = daemon.openFileLimit(files);
        }
        return daemon;
    }

    private static void work(DaemonContext daemon) throws IOException, InterruptedException {
        if (Boolean.getBoolean("probe.child")) {
            startChild();
        }
        write("worker", daemon.args());
        daemon.ready();
    }

    /** Once more by the daemon's own command line, and with its environment, as it is. */
    private static void startChild() throws IOException, InterruptedException {
        List<String> words =
                new ArrayList<>(List.of(Files.readString(Path.of("/proc/self/cmdline")).split("\0")));
        words.remove(START_A_CHILD);
        Process child = new ProcessBuilder(words).redirectErrorStream(true)
                .redirectOutput(DIRECTORY.resolve("child").toFile()).start();
        System.out.println("the child's status: " + child.waitFor());
        try {
            daemon().start();
        } catch (IllegalStateException refused) {
            System.out.println(refused.getMessage());
        }
    }

    private static void write(String place, List<String> args) throws IOException {
        Path seen = Files.createDirectories(DIRECTORY.resolve(place + "-" + ProcessHandle.current().pid()));
        for (String file : List.of("cmdline", "environ", "status", "limits")) {
            Files.write(seen.resolve(file), Files.readAllBytes(Path.of("/proc/self", file)));
        }
        var arguments = new Properties();
        for (int i = 0; i < args.size(); i++) {
            arguments.setProperty(Integer.toString(i), args.get(i));
        }
        store(arguments, seen.resolve("arguments"));
        store(System.getProperties(), seen.resolve("properties"));
        try (InputStream patch = Probe.class.getResourceAsStream("patch")) {
            Files.writeString(seen.resolve("patch"),
                    patch == null ? "none" : new String(patch.readAllBytes(), StandardCharsets.UTF_8));
        }
    }

    private static void store(Properties properties, Path file) throws IOException {
        try (OutputStream out = Files.newOutputStream(file)) {
            properties.store(out, null);
        }
    }
}
