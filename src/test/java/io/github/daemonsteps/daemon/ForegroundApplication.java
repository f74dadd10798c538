package io.github.daemonsteps.daemon;

import io.github.daemonsteps.posix.FileMode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * An application that prints what it does, and uses each setting that an application can have. The system
 * properties {@code pid.file} and {@code as.user} are settings too. It fails if it gets the argument
 * {@code fail}, or if {@code fails} is true.
 */
final class ForegroundApplication {

    private ForegroundApplication() {
    }

    public static void main(String[] args) {
        Daemon daemon = Daemon.named("app").keepWorkingDirectory().umask(FileMode.of(027)).keepOpen(7)
                .log(Path.of("/var/log/app.log")).environment("A", "b").jvmOptions("-Xmx64m")
                .startTimeout(Duration.ofMinutes(1)).stopTimeout(Duration.ofMinutes(1)).noNewPrivileges()
                .noCoreDumps().failIfRunning().openFileLimit(100);
        String pidFile = System.getProperty("pid.file");
        if (pidFile != null) {
            daemon = daemon.pidFile(Path.of(pidFile));
        }
        String user = System.getProperty("as.user");
        if (user != null) {
            daemon = daemon.user(user);
        }
        daemon.launch(args, ForegroundApplication::work);
    }

    private static void work(DaemonContext daemon) {
        if (Boolean.getBoolean("fails") || daemon.args().equals(List.of("fail"))) {
            throw new IllegalStateException("as it was told");
        }
        if (Boolean.getBoolean("prints.sockets")) {
            System.out.println("sockets: " + daemon.sockets());
        }
        daemon.onReload(() -> System.out.println("reloaded"));
        daemon.onStop(() -> System.out.println("stopped"));
        daemon.ready("process " + ProcessHandle.current().pid());
    }
}
