package io.github.daemonsteps.daemon;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;

/** An application for {@link TrainIT}. It fails if it gets the argument {@code fail}. */
final class TrainedApplication {

    private static final Path DIRECTORY = Path.of(System.getProperty("directory"));

    /** The daemon does not get it. */
    static final String LAUNCHER_OPTION = "-XX:TieredStopAtLevel=1";

    private TrainedApplication() {
    }

    public static void main(String[] args) {
        Daemon.named("app").pidFile(DIRECTORY.resolve("app.pid")).log(DIRECTORY.resolve("app.log"))
                .launcherOptions(LAUNCHER_OPTION).launch(args, daemon -> {
                    if (daemon.args().contains("fail")) {
                        throw new IllegalStateException("as it was told");
                    }
                    daemon.onStop(() -> Files.writeString(DIRECTORY.resolve("stopped"), ""));
                    daemon.ready();
                    new CountDownLatch(1).await();
                });
    }
}
