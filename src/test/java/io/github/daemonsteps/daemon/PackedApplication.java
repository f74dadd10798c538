package io.github.daemonsteps.daemon;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * An application in one jar together with the library. Its files are in the directory of the system
 * property {@code directory}.
 */
final class PackedApplication {

    private static final Path DIRECTORY = Path.of(System.getProperty("directory"));

    private PackedApplication() {
    }

    public static void main(String[] args) {
        String options = System.getProperty("daemon.options", "");
        Daemon daemon = Daemon.named("packed").pidFile(DIRECTORY.resolve("packed.pid"))
                .log(DIRECTORY.resolve("packed.log"))
                .jvmOptions(options.isEmpty() ? new String[0] : options.split(" "));
        daemon.launch(args, PackedApplication::work);
    }

    private static void work(DaemonContext daemon) throws Exception {
        if (Boolean.getBoolean("waits")) {
            daemon.onStop(() -> await("end"));
            await("go");
        }
        daemon.onReload(() -> Late.beUsed());
        daemon.onReload(() -> {
            System.out.println("reloaded");
            Files.writeString(DIRECTORY.resolve("reloaded-" + System.nanoTime()), "");
        });
        daemon.onStop(() -> {
            System.out.println("saving");
            Thread.sleep(300); // a reader that does not wait does not see the next line
            System.out.println("saved");
        });
        daemon.onStop(() -> {
            throw new IllegalStateException("an action that fails");
        });
        daemon.onStop(() -> Late.beUsed());
        daemon.ready();
        if (!Boolean.getBoolean("waits")) {
            Ready.beUsed();
        }
    }

    /** Waits until another process writes to a FIFO of this name. */
    private static void await(String name) throws IOException {
        Files.readString(DIRECTORY.resolve(name));
    }

    /** Loaded right after the readiness of the daemon. */
    private static final class Ready {

        static void beUsed() {
            // no more output
        }
    }

    /** First needed by a stop or a reload. */
    private static final class Late {

        static void beUsed() {
            System.out.println("late");
        }
    }
}
