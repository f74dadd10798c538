package simple.server;

import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.SimpleFileServer;
import com.sun.net.httpserver.SimpleFileServer.OutputLevel;
import io.github.daemonsteps.daemon.Daemon;
import io.github.daemonsteps.daemon.DaemonContext;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Serves a directory by HTTP to this machine, as a daemon: {@code start DIRECTORY PORT}. The other subcommands are the library's:
 * {@code status}, {@code reload}, {@code restart DIRECTORY PORT}, {@code stop}, {@code run DIRECTORY PORT} and {@code plan}.
 */
public final class SimpleServer {

    private SimpleServer() {
    }

    public static void main(String[] args) {
        daemon().launch(args, SimpleServer::serve);
    }

    /** Its files are where the library has them, or in a directory of your choice: {@code -Dsimple-server.files=DIRECTORY}. */
    private static Daemon daemon() {
        var daemon = Daemon.named("simple-server");
        String files = System.getProperty("simple-server.files");
        return files == null
                ? daemon
                : daemon.pidFile(Path.of(files, "simple-server.pid"))
                        .log(Path.of(files, "simple-server.log"));
    }

    /** Runs in the daemon alone. What it throws before it is ready is why the start has failed. */
    private static void serve(DaemonContext daemon) throws IOException {
        if (daemon.args().size() != 2) {
            throw new IllegalArgumentException("give a directory and a port, not " + daemon.args());
        }
        Path directory = directory(daemon.args().getFirst());
        InetSocketAddress address = address(daemon.args().getLast());

        var files = new AtomicReference<>(files(directory));
        var server = HttpServer.create(address, 0, "/", exchange -> files.get().handle(exchange),
                SimpleFileServer.createOutputFilter(System.out, OutputLevel.INFO));
        daemon.onReload(() -> files.set(files(directory)));
        daemon.onStop(() -> server.stop(1));
        server.start();
        daemon.ready("listening on http://127.0.0.1:" + server.getAddress().getPort() + "/");
    }

    /** The directory may be a symbolic link: where it leads to is looked up here, at the start and at each reload. */
    private static HttpHandler files(Path directory) throws IOException {
        Path now = directory.toRealPath();
        System.out.println("serving " + now);
        return SimpleFileServer.createFileHandler(now);
    }

    /** A daemon has another working directory than its launcher, so a relative path would lead to another place. */
    private static Path directory(String text) {
        Path directory = Path.of(text);
        if (!directory.isAbsolute() || !Files.isDirectory(directory)) {
            throw new IllegalArgumentException(
                    "the path must be absolute and lead to a directory, unlike '" + text + "'");
        }
        return directory;
    }

    private static InetSocketAddress address(String port) {
        try {
            return new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), Integer.parseInt(port));
        } catch (IllegalArgumentException notOne) {
            throw new IllegalArgumentException("the port is a number from 0 to 65535, not '" + port + "'");
        }
    }
}
