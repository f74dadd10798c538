package io.github.daemonsteps.daemon;

import java.nio.file.Path;

/**
 * An application that fills its heap at a reload. Its files are in the directory of the system property
 * {@code directory}.
 */
final class CrashingApplication {

    private static final int MIB = 1 << 20;

    private CrashingApplication() {
    }

    public static void main(String[] args) {
        Path files = Path.of(System.getProperty("directory"));
        Daemon app = Daemon.named("app").pidFile(files.resolve("app.pid")).log(files.resolve("app.log"));
        String directory = System.getProperty("working.directory");
        Daemon placed = directory == null ? app : app.workingDirectory(Path.of(directory));
        String user = System.getProperty("user");
        (user == null ? placed : placed.user(user)).launch(args,
                daemon -> {
                    daemon.onReload(CrashingApplication::fillHeap);
                    daemon.ready();
                    Thread.currentThread().join();
                });
    }

    private static void fillHeap() {
        byte[][] kept = new byte[MIB][];
        for (int i = 0; i < kept.length; i++) {
            kept[i] = new byte[MIB];
        }
        throw new IllegalStateException(kept.length + " MiB fit into the heap");
    }
}
