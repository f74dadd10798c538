package io.github.daemonsteps.testing;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A Python program that takes its sockets by the protocol of sd_listen_fds(3), and clients for it. */
public final class SocketProgram {

    /** Prints a line for each socket, and answers each connection with descriptor, user and process. */
    private static final String PROGRAM = """
            import os, select, socket, sys
            assert os.getpid() == int(os.environ['LISTEN_PID'])
            n = int(os.environ['LISTEN_FDS'])
            names = os.environ['LISTEN_FDNAMES'].split(':')
            assert len(names) == n
            sockets = [socket.socket(fileno=3 + i) for i in range(n)]
            for i, s in enumerate(sockets):
                name = s.getsockname()
                address = name if isinstance(name, (str, bytes)) else '%s port %d' % name[:2]
                accepts = s.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
                print(s.fileno(), names[i], s.family.name, address, accepts)
            zero = os.readlink('/proc/self/fd/0') == os.readlink('/proc/self/fd/3')
            print('stdin is', '3' if zero else os.readlink('/proc/self/fd/0'))
            print('listening', flush=True)
            while True:
                for s in select.select(sockets, [], [])[0]:
                    c, _ = s.accept()
                    c.sendall(b'%d %d %d' % (s.fileno(), os.getuid(), os.getpid()))
                    c.close()
            """;

    private SocketProgram() {
    }

    /** Returns the command. */
    public static List<String> command() {
        return List.of(Tool.path("python3"), "-c", PROGRAM);
    }

    /**
     * Returns a command that binds a socket as descriptor 3 and becomes another command, as a supervisor
     * does.
     *
     * @param name the name of the socket
     * @param port a port of 127.0.0.1, 0 for any
     */
    public static List<String> activated(String name, int port, List<String> command) {
        List<String> words = new ArrayList<>(List.of(Tool.path("python3"), "-c", """
                import os, socket, sys
                s = socket.socket()
                s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                s.bind(('127.0.0.1', int(sys.argv[2])))
                s.listen()
                high = os.dup(s.fileno())
                os.dup2(high, 3, inheritable=True)
                os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS='1', LISTEN_FDNAMES=sys.argv[1])
                os.execv(sys.argv[3], sys.argv[3:])
                """, name, Integer.toString(port)));
        words.addAll(command);
        return words;
    }

    /**
     * Returns a command that binds a socket as descriptor 0 and becomes another command, as systemd does with
     * {@code StandardInput=socket}.
     *
     * @param address a port of 127.0.0.1, 0 for any; or the path of a Unix socket; or {@code @} and a name
     */
    public static List<String> onStdin(String address, List<String> command) {
        List<String> words = new ArrayList<>(List.of(Tool.path("python3"), "-c", """
                import os, socket, sys
                address = sys.argv[1]
                if address.isdigit():
                    s = socket.socket()
                    s.bind(('127.0.0.1', int(address)))
                else:
                    s = socket.socket(socket.AF_UNIX)
                    s.bind(address.replace('@', chr(0)))
                s.listen()
                os.dup2(s.fileno(), 0)
                os.execv(sys.argv[2], sys.argv[2:])
                """, address));
        words.addAll(command);
        return words;
    }

    /** Returns the answer of the program on a port of 127.0.0.1. */
    public static String answer(int port) throws IOException {
        return answer("127.0.0.1", port);
    }

    /** Returns the answer of the program on an address. */
    public static String answer(String address, int port) throws IOException {
        try (var socket = new Socket()) {
            socket.setSoTimeout((int) ChildJvm.DEADLINE.toMillis());
            socket.connect(new InetSocketAddress(InetAddress.ofLiteral(address), port));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        }
    }

    /** Returns the answer of the program on a Unix socket. */
    public static String answer(Path file) throws IOException {
        var answer = ByteBuffer.allocate(100);
        try (var channel = SocketChannel.open(UnixDomainSocketAddress.of(file))) {
            while (channel.read(answer) >= 0) {
                // until the end of file
            }
        }
        return new String(answer.array(), 0, answer.position(), StandardCharsets.US_ASCII);
    }
}
