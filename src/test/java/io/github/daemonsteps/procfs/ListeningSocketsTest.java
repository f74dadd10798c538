package io.github.daemonsteps.procfs;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daemonsteps.ffm.NativePosix;
import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.SocketAddress;
import io.github.daemonsteps.posix.SocketFamily;
import io.github.daemonsteps.posix.SocketType;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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

    @ParameterizedTest
    @ValueSource(strings = {"", "a", "a b c 00010000 e f notanumber x", "0: 1 2 00010000 4 5",
        "0: 1 2 00010000 4 5 9999999999999999999 /run/x", "0: 1 2 00010000 4 5 -7 /run/x"})
    void forged_line_in_a_path_is_not_a_socket(String line) {
        assertThat(ListeningSockets.unix(line)).isNull();
    }

    @Test
    void forged_line_is_not_taken_for_a_socket_of_the_process(@TempDir Path directory) throws Exception {
        int pid = (int) ProcessHandle.current().pid();
        NativePosix posix = NativePosix.get();
        CString path = CString.of(directory.resolve("s"));
        var address = new SocketAddress.Unix(path);
        List<Integer> descriptors = new ArrayList<>();
        try {
            descriptors.add(listening(posix, "@x\n0: 2 0 00010000 1 1 1 " + path + "\n"));
            assertThat(new ListeningSockets(pid).unixOf(path)).hasSize(1);
            assertThat(new ListeningSockets(pid).of(address, pid)).isEmpty();
            descriptors.add(listening(posix, path.toString()));
            assertThat(new ListeningSockets(pid).unixOf(path)).hasSize(2);
            assertThat(new ListeningSockets(pid).of(address, pid)).get()
                    .returns(posix.fstat(descriptors.getLast()).ino(), ListeningSockets.Entry::inode);
        } finally {
            descriptors.forEach(posix::closeQuietly);
        }
    }

    private static int listening(NativePosix posix, String address) {
        int fd = posix.socket(SocketFamily.AF_UNIX, SocketType.SOCK_STREAM);
        posix.bind(fd, new SocketAddress.Unix(CString.of(address)));
        posix.listen(fd, 1);
        return fd;
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
