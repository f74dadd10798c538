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
 * Serves a folder by HTTP to this machine, as a daemon: {@code start FOLDER PORT}. The other verbs are the library's:
 * {@code status}, {@code reload}, {@code restart FOLDER PORT}, {@code stop}, {@code run FOLDER PORT} and {@code plan}.
 */
public final class SimpleServer {

    private SimpleServer() {
    }

    public static void main(String[] args) {
        daemon().launch(args, SimpleServer::serve);
    }

    /** Its files are where the library has them, or in a folder of your choice: {@code -Dsimple-server.files=FOLDER}. */
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
            throw new IllegalArgumentException("a folder and a port are wanted, not " + daemon.args());
        }
        Path folder = folder(daemon.args().getFirst());
        InetSocketAddress address = address(daemon.args().getLast());

        var files = new AtomicReference<>(files(folder));
        var server = HttpServer.create(address, 0, "/", exchange -> files.get().handle(exchange),
                SimpleFileServer.createOutputFilter(System.out, OutputLevel.INFO));
        daemon.onReload(() -> files.set(files(folder)));
        daemon.onStop(() -> server.stop(1));
        server.start();
        daemon.ready("listening on http://127.0.0.1:" + server.getAddress().getPort() + "/");
    }

    /** The folder may be a symbolic link: where it leads to is looked up here, at the start and at each reload. */
    private static HttpHandler files(Path folder) throws IOException {
        Path now = folder.toRealPath();
        System.out.println("serving " + now);
        return SimpleFileServer.createFileHandler(now);
    }

    /** A daemon lives in another directory than whoever has started it, so a relative path would lead astray. */
    private static Path folder(String text) {
        Path folder = Path.of(text);
        if (!folder.isAbsolute() || !Files.isDirectory(folder)) {
            throw new IllegalArgumentException(
                    "the folder is an absolute path of a directory, not '" + text + "'");
        }
        return folder;
    }

    private static InetSocketAddress address(String port) {
        try {
            return new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), Integer.parseInt(port));
        } catch (IllegalArgumentException notOne) {
            throw new IllegalArgumentException("the port is a number from 0 to 65535, not '" + port + "'");
        }
    }
}
