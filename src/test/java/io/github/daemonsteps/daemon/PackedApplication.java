package io.github.daemonsteps.daemon;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * An application that is packed into one jar together with the library. Its files are in the folder of the system property
 * {@code folder}.
 */
final class PackedApplication {

    private static final Path FOLDER = Path.of(System.getProperty("folder"));

    private PackedApplication() {
    }

    public static void main(String[] args) {
        String options = System.getProperty("daemon.options", "");
        Daemon daemon = Daemon.named("packed").pidFile(FOLDER.resolve("packed.pid"))
                .log(FOLDER.resolve("packed.log"))
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
            Files.writeString(FOLDER.resolve("reloaded-" + System.nanoTime()), "");
        });
        daemon.onStop(() -> {
            System.out.println("saving");
            Thread.sleep(300); // whatever does not wait for it does not see the next line
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

    /** Waits until a FIFO of this name is written to. */
    private static void await(String name) throws IOException {
        Files.readString(FOLDER.resolve(name));
    }

    /** Loaded at once when the daemon has said that it is ready. */
    private static final class Ready {

        static void beUsed() {
            // nothing more
        }
    }

    /** First needed by a stop or a reload. */
    private static final class Late {

        static void beUsed() {
            System.out.println("late");
        }
    }
}
