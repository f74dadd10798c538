package io.github.daemonsteps.daemon;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * An application that continues after {@link Daemon#run}, or calls {@link Daemon#launch} if the system
 * property {@code launch} is set. Its files are in the directory of the system property {@code directory}.
 */
final class ReturningApplication {

    private static final Path DIRECTORY = Path.of(System.getProperty("directory"));

    private ReturningApplication() {
    }

    public static void main(String[] args) {
        Daemon daemon =
                Daemon.named("app").pidFile(DIRECTORY.resolve("app.pid")).log(DIRECTORY.resolve("app.log"));
        if (Boolean.getBoolean("launch")) {
            daemon.launch(args, ReturningApplication::work);
        } else {
            int status = daemon.run(args, ReturningApplication::work);
            System.out.println("returned " + status);
        }
    }

    private static void work(DaemonContext daemon) throws IOException {
        List<String> frames = StackWalker.getInstance()
                .walk(stack -> stack.map(frame -> frame.getClassName() + "." + frame.getMethodName())
                        .toList());
        Files.write(DIRECTORY.resolve("stack"), frames);
        if (daemon.args().contains("fails-before")) {
            throw new IOException("before");
        }
        daemon.ready();
        if (daemon.args().contains("fails-after")) {
            throw new IOException("after");
        }
    }
}
