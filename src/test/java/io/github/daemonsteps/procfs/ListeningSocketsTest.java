package io.github.daemonsteps.procfs;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daemonsteps.posix.SocketAddress;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ListeningSocketsTest {

    @Test
    void line_of_tcp_has_address_port_user_and_inode() throws Exception {
        assertThat(ListeningSockets.tcp(
                "   0: 0100007F:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000    33        0 4711 1 0"))
                .isEqualTo(new ListeningSockets.Entry(4711, 33, InetAddress.ofLiteral("127.0.0.1"), 80, ""));
        assertThat(ListeningSockets.tcp(
                "   1: B80D0120000000000000000001000000:1F90 00000000000000000000000000000000:0000 0A"
                        + " 00000000:00000000 00:00000000 00000000     0        0 12 1 0"))
                .isEqualTo(new ListeningSockets.Entry(12, 0, InetAddress.ofLiteral("2001:db8::1"), 8080, ""));
    }

    @Test
    void connection_does_not_listen() throws Exception {
        assertThat(ListeningSockets.tcp(
                "   0: 0100007F:0050 0100007F:1234 01 00000000:00000000 00:00000000 00000000    33        0 4711"))
                .isNull();
        assertThat(ListeningSockets.unix("0000000000000000: 00000003 00000000 00000000 0001 03 4711 /run/x"))
                .isNull();
    }

    @Test
    void line_of_unix_has_inode_and_path() {
        assertThat(
                ListeningSockets.unix("0000000000000000: 00000002 00000000 00010000 0001 01  4711 /run/a b"))
                .isEqualTo(new ListeningSockets.Entry(4711, -1, null, 0, "/run/a b"));
    }

    @Test
    void holder_of_a_listening_socket_is_found() throws Exception {
        int pid = (int) ProcessHandle.current().pid();
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            var entry = new ListeningSockets(pid).tcp(found -> found.port() == socket.getLocalPort())
                    .orElseThrow();
            assertThat(ListeningSockets.holder(entry.inode())).contains(new ListeningSockets.Holder(pid,
                    Files.readString(Path.of("/proc/self/comm")).strip()));
            assertThat(ListeningSockets.isOpenIn(pid, entry.inode())).isTrue();
            assertThat(new ListeningSockets(pid).isListening(
                    new SocketAddress.Inet((InetSocketAddress) socket.getLocalSocketAddress()),
                    entry.inode())).isTrue();
        }
    }
}
