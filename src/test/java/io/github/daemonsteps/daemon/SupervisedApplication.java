package io.github.daemonsteps.daemon;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * An application that tells its supervisor what it does. Its files are in the directory of the system
 * property {@code directory}.
 */
final class SupervisedApplication {

    private static final Path DIRECTORY = Path.of(System.getProperty("directory"));

    private SupervisedApplication() {
    }

    public static void main(String[] args) {
        Daemon daemon = Daemon.named("app").pidFile(DIRECTORY.resolve("app.pid"))
                .log(DIRECTORY.resolve("app.log"));
        if (Boolean.getBoolean("stops.slowly")) {
            daemon = daemon.stopTimeout(Duration.ofMinutes(6));
        }
        String user = System.getProperty("as.user");
        if (user != null) {
            daemon = daemon.user(user).log(DIRECTORY.resolve("log/app.log"));
        }
        daemon.launch(args, SupervisedApplication::work);
    }

    private static void work(DaemonContext daemon) throws Exception {
        daemon.status("loading\nthe data");
        daemon.extendStartTimeout(Duration.ofMinutes(1));
        daemon.watchdog(() -> isHealthy(daemon));
        if (daemon.args().contains("fails")) {
            throw new IOException("no port is left");
        }
        daemon.onReload(() -> daemon.status("reload action"));
        daemon.onStop(() -> daemon.status("stop action"));
        daemon.ready("here\nI am");
        daemon.status("x".repeat(5000));
        daemon.extendStartTimeout(Duration.ofMinutes(1));
    }

    private static final AtomicInteger FAILED_CHECKS = new AtomicInteger();

    /** Does what the file "health" says. The supervisor is told of each check that fails. */
    private static boolean isHealthy(DaemonContext daemon) {
        String health = health();
        if (health.isEmpty()) {
            return true;
        }
        daemon.status("check " + FAILED_CHECKS.incrementAndGet());
        if (health.equals("throws")) {
            throw new IllegalStateException("cannot check");
        } else if (health.equals("hangs")) {
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
        return false;
    }

    private static String health() {
        try {
            return Files.readString(DIRECTORY.resolve("health"));
        } catch (IOException e) {
            return "";
        }
    }
}
