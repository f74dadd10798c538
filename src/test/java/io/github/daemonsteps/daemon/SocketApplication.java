package io.github.daemonsteps.daemon;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A daemon with the sockets of the property {@code listen}. It reports them when it is ready. If one of them
 * is a channel, the daemon answers each connection with its process id.
 */
final class SocketApplication {

    private SocketApplication() {
    }

    public static void main(String[] args) {
        Path directory = Path.of(System.getProperty("directory"));
        Daemon daemon =
                Daemon.named("app").pidFile(directory.resolve("app.pid")).log(directory.resolve("app.log"));
        for (String socket : System.getProperty("listen", "").split(" ")) {
            daemon = socket.isEmpty() ? daemon : daemon.listen(socket);
        }
        if (Boolean.getBoolean("stdin")) {
            daemon = daemon.listenOnStdin();
        }
        daemon.launch(args, SocketApplication::serve);
    }

    private static void serve(DaemonContext daemon) {
        List<InheritedSocket> sockets = daemon.sockets();
        Optional<ServerSocketChannel> server =
                sockets.isEmpty() ? Optional.empty() : sockets.getFirst().channel();
        server.ifPresent(channel -> Thread.ofVirtual().start(() -> answer(channel)));
        daemon.ready(sockets + (server.isPresent() ? " channel" : ""));
    }

    private static void answer(ServerSocketChannel server) {
        try {
            while (true) {
                try (SocketChannel client = server.accept()) {
                    client.write(ByteBuffer.wrap(Long.toString(ProcessHandle.current().pid())
                            .getBytes(StandardCharsets.US_ASCII)));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
