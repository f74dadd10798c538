package io.github.daemonsteps.relay;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.daemonsteps.ffm.NativePosix;
import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.Errno;
import io.github.daemonsteps.posix.FileMode;
import io.github.daemonsteps.posix.ForkedProcess;
import io.github.daemonsteps.posix.OpenFlag;
import io.github.daemonsteps.posix.Posix;
import io.github.daemonsteps.posix.PosixCall;
import io.github.daemonsteps.posix.PosixException;
import io.github.daemonsteps.posix.SocketAddress;
import io.github.daemonsteps.posix.SocketFamily;
import io.github.daemonsteps.posix.SocketOption;
import io.github.daemonsteps.posix.SocketType;
import io.github.daemonsteps.testing.ChildJvm;
import io.github.daemonsteps.testing.Tool;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Sockets in this process and in a forked one. */
class SocketIT {

    /** The user "nobody". */
    private static final int NOBODY = 65534;

    @TempDir
    private Path directory;

    /** The process that makes the calls. */
    enum Place {
        THIS_PROCESS, FORKED_PROCESS;

        void use(Consumer<Posix> calls) {
            if (this == THIS_PROCESS) {
                calls.accept(NativePosix.get());
                return;
            }
            try (var process = ForkedProcess.fork()) {
                calls.accept(process);
            }
        }
    }

    /** Gives a new socket to the caller, and closes it in any case: this process goes on. */
    private static void withSocket(Posix posix, SocketFamily family, SocketType type, Consumer<Integer> use) {
        int fd = posix.socket(family, type);
        try {
            use.accept(fd);
        } finally {
            posix.close(fd);
        }
    }

    @ParameterizedTest
    @EnumSource
    void ipv4_socket_has_its_address_with_the_port_of_the_kernel(Place place) {
        assertListens(place, SocketFamily.AF_INET, InetAddress.ofLiteral("127.0.0.1"), "127.0.0.1:");
    }

    @ParameterizedTest
    @EnumSource
    void ipv6_socket_has_its_address_with_the_port_of_the_kernel(Place place) {
        assertListens(place, SocketFamily.AF_INET6, InetAddress.ofLiteral("::1"), "[::1]:");
    }

    private static void assertListens(Place place, SocketFamily family, InetAddress host, String prefix) {
        var address = new SocketAddress.Inet(new InetSocketAddress(host, 0));
        assertThat(address.family()).isEqualTo(family);
        place.use(posix -> withSocket(posix, family, SocketType.SOCK_STREAM, fd -> {
            assertThat(posix.isCloseOnExec(fd)).isTrue();
            posix.setsockopt(fd, SocketOption.SO_REUSEADDR, true);
            if (family == SocketFamily.AF_INET6) {
                posix.setsockopt(fd, SocketOption.IPV6_V6ONLY, true);
            }
            posix.bind(fd, address);
            posix.listen(fd, Integer.MAX_VALUE);
            SocketAddress bound = posix.getsockname(fd);
            assertThat(bound.toString()).startsWith(prefix);
            InetSocketAddress known = ((SocketAddress.Inet) bound).address();
            assertThat(known.getAddress()).isEqualTo(host);
            assertThat(known.getPort()).isPositive();
            assertConnects(known);
            withSocket(posix, family, SocketType.SOCK_STREAM,
                    other -> assertThatExceptionOfType(PosixException.class)
                            .isThrownBy(() -> posix.bind(other, bound))
                            .withMessage("bind(" + other + ", " + bound
                                    + "): Address already in use (EADDRINUSE, 98)"));
        }));
    }

    private static void assertConnects(InetSocketAddress address) {
        try (var socket = new Socket()) {
            socket.connect(address, (int) ChildJvm.DEADLINE.toMillis());
            assertThat(socket.isConnected()).isTrue();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void ipv6_socket_leaves_ipv4_to_others_only_if_asked() {
        NativePosix posix = NativePosix.get();
        InetAddress any = InetAddress.ofLiteral("::");
        for (boolean leaves : new boolean[]{false, true}) {
            withSocket(posix, SocketFamily.AF_INET6, SocketType.SOCK_STREAM, fd -> {
                posix.setsockopt(fd, SocketOption.IPV6_V6ONLY, leaves);
                posix.bind(fd, new SocketAddress.Inet(new InetSocketAddress(any, 0)));
                posix.listen(fd, 1);
                int port = ((SocketAddress.Inet) posix.getsockname(fd)).address().getPort();
                var ipv4 =
                        new SocketAddress.Inet(new InetSocketAddress(InetAddress.ofLiteral("0.0.0.0"), port));
                withSocket(posix, SocketFamily.AF_INET, SocketType.SOCK_STREAM, other -> {
                    if (leaves) {
                        posix.bind(other, ipv4);
                    } else {
                        assertThatExceptionOfType(PosixException.class)
                                .isThrownBy(() -> posix.bind(other, ipv4))
                                .satisfies(e -> assertThat(e.errno()).isEqualTo(Errno.EADDRINUSE));
                    }
                });
            });
        }
    }

    @ParameterizedTest
    @EnumSource
    void unix_socket_has_its_path_byte_for_byte(Place place) {
        byte[] bytes = (directory + "/x").getBytes(UTF_8);
        bytes[bytes.length - 1] = (byte) 0xff;
        var address = new SocketAddress.Unix(CString.ofBytes(bytes));
        place.use(posix -> withSocket(posix, SocketFamily.AF_UNIX, SocketType.SOCK_STREAM, fd -> {
            assertThat(posix.getsockname(fd)).isEqualTo(new SocketAddress.Unix(CString.of("")));
            posix.bind(fd, address);
            posix.listen(fd, 1);
            assertThat(posix.getsockname(fd)).isEqualTo(address);
            withSocket(posix, SocketFamily.AF_UNIX, SocketType.SOCK_STREAM,
                    other -> assertThatExceptionOfType(PosixException.class)
                            .isThrownBy(() -> posix.bind(other, address))
                            .satisfies(e -> assertThat(e.errno()).isEqualTo(Errno.EADDRINUSE)));
            posix.unlink(address.path());
        }));
    }

    @ParameterizedTest
    @EnumSource
    void unix_socket_has_the_longest_path_and_the_longest_abstract_name(Place place) {
        String path = directory + "/" + "x".repeat(106 - directory.toString().length());
        String name = "@" + directory + "x".repeat(107 - directory.toString().length());
        for (String each : List.of(path, name)) {
            var address = new SocketAddress.Unix(CString.of(each));
            place.use(posix -> withSocket(posix, SocketFamily.AF_UNIX, SocketType.SOCK_DGRAM, fd -> {
                posix.bind(fd, address);
                assertThat(posix.getsockname(fd)).isEqualTo(address);
            }));
        }
    }

    @Test
    void path_in_a_directory_that_the_user_may_not_write_is_refused() throws Exception {
        Path closed = Files.createDirectory(directory.resolve("closed"));
        Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("r-x------"));
        var address = new SocketAddress.Unix(CString.of(closed.resolve("socket")));
        try (var process = ForkedProcess.fork()) {
            if (process.getuid() == 0) {
                process.setuid(NOBODY);
            }
            int fd = process.socket(SocketFamily.AF_UNIX, SocketType.SOCK_STREAM);
            assertThatExceptionOfType(PosixException.class).isThrownBy(() -> process.bind(fd, address))
                    .withMessage("bind(" + fd + ", \"" + address + "\"): Permission denied (EACCES, 13)");
        }
    }

    @Test
    void calls_are_reported_as_in_c() {
        List<PosixCall> calls = new ArrayList<>();
        try (var process = ForkedProcess.fork()) {
            process.setCallListener(calls::add);
            int fd = process.socket(SocketFamily.AF_INET, SocketType.SOCK_STREAM);
            process.setsockopt(fd, SocketOption.SO_REUSEADDR, true);
            process.bind(fd,
                    new SocketAddress.Inet(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0)));
            process.listen(fd, 128);
            process.getsockname(fd);
            assertThat(calls).extracting(PosixCall::toString).containsExactly(
                    "socket(AF_INET, SOCK_STREAM|SOCK_CLOEXEC, 0) = " + fd,
                    "setsockopt(" + fd + ", SOL_SOCKET, SO_REUSEADDR, [1]) = 0",
                    "bind(" + fd + ", 127.0.0.1:0) = 0",
                    "listen(" + fd + ", 128) = 0",
                    "getsockname(" + fd + ", ..., ...) = 0");
        }
    }

    private static final String RECEIVER = """
            import array, os, socket, sys
            receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            receiver.settimeout(60)
            receiver.bind(sys.argv[1])
            print("bound", flush=True)
            for _ in range(2):
                data, control, flags, _ = receiver.recvmsg(100, 100)
                passed = array.array("i")
                for level, kind, content in control:
                    assert (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS)
                    passed.frombytes(content)
                print(data.decode(), flags & ~0x40000000, [os.read(fd, 100).decode() for fd in passed])
            """;

    @Test
    void receiver_gets_the_descriptor_that_is_passed() throws Exception {
        NativePosix posix = NativePosix.get();
        Path path = directory.resolve("socket");
        Path file = Files.writeString(directory.resolve("file"), "content");
        Process receiver = new ProcessBuilder(Tool.path("python3"), "-c", RECEIVER, path.toString())
                .redirectErrorStream(true).start();
        int fd = posix.open(CString.of(file), Set.of(OpenFlag.O_RDONLY, OpenFlag.O_CLOEXEC), FileMode.of(0));
        try (BufferedReader out = receiver.inputReader()) {
            assertThat(out.readLine()).isEqualTo("bound");
            var address = new SocketAddress.Unix(CString.of(path));
            withSocket(posix, SocketFamily.AF_UNIX, SocketType.SOCK_DGRAM, socket -> {
                posix.sendmsg(socket, address, "first".getBytes(UTF_8), -1);
                posix.sendmsg(socket, address, "second".getBytes(UTF_8), fd);
            });
            assertThat(out.readAllAsString().lines()).containsExactly("first 0 []", "second 0 ['content']");
        } finally {
            posix.close(fd);
            receiver.destroyForcibly().waitFor();
        }
    }
}
