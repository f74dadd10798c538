package io.github.daemonsteps.ffm;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.Errno;
import io.github.daemonsteps.posix.OpenFlag;
import io.github.daemonsteps.posix.Posix;
import io.github.daemonsteps.posix.PosixException;
import io.github.daemonsteps.posix.SocketAddress;
import io.github.daemonsteps.posix.SocketFamily;
import io.github.daemonsteps.posix.SocketType;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The calls that only this process makes on sockets, clocks and descriptors of others. */
class DatagramTest {

    private final NativePosix posix = NativePosix.get();
    private final int sender = posix.socket(SocketFamily.AF_UNIX, SocketType.SOCK_DGRAM);
    private final int receiver = posix.socket(SocketFamily.AF_UNIX, SocketType.SOCK_DGRAM);

    @TempDir
    private Path directory;

    @AfterEach
    void close() {
        posix.close(sender);
        posix.close(receiver);
    }

    private SocketAddress.Unix bound(String path) {
        var address = new SocketAddress.Unix(CString.of(path));
        posix.bind(receiver, address);
        return address;
    }

    @Test
    void datagram_reaches_a_socket_with_a_path_as_a_whole() {
        SocketAddress.Unix address = bound(directory + "/socket");
        posix.sendmsg(sender, address, "READY=1".getBytes(UTF_8), -1);
        posix.sendmsg(sender, address, new byte[0], -1);
        posix.sendmsg(sender, address, "é".getBytes(UTF_8), -1);
        assertThat(posix.read(receiver, 100)).asString(UTF_8).isEqualTo("READY=1");
        assertThat(posix.read(receiver, 100)).isEmpty();
        assertThat(posix.read(receiver, 100)).asString(UTF_8).isEqualTo("é");
    }

    @Test
    void datagram_reaches_an_abstract_socket() {
        SocketAddress.Unix address = bound("@daemon-steps-" + directory.getFileName());
        posix.sendmsg(sender, address, new byte[]{1, 2}, sender);
        assertThat(posix.read(receiver, 100)).containsExactly(1, 2);
    }

    @Test
    void full_receiver_fails_at_once() {
        SocketAddress.Unix address = bound(directory + "/socket");
        assertThatExceptionOfType(PosixException.class).isThrownBy(() -> {
            for (int i = 0; i < 1_000_000; i++) {
                posix.sendmsg(sender, address, new byte[100], -1);
            }
        }).satisfies(failure -> assertThat(failure.errno()).isEqualTo(Errno.EAGAIN));
    }

    @Test
    void missing_receiver_is_told_with_the_call() {
        var address = new SocketAddress.Unix(CString.of("/nope"));
        assertThatExceptionOfType(PosixException.class)
                .isThrownBy(() -> posix.sendmsg(sender, address, new byte[3], 2))
                .withMessage("sendmsg(" + sender + ", {\"/nope\", 3 bytes, SCM_RIGHTS [2]},"
                        + " MSG_NOSIGNAL|MSG_DONTWAIT): No such file or directory (ENOENT, 2)");
    }

    @Test
    void monotonic_time_is_that_of_the_clock_of_java() {
        long before = System.nanoTime() / 1_000;
        long time = posix.monotonicMicros();
        long after = System.nanoTime() / 1_000;
        assertThat(time).isBetween(before, after);
    }

    @Test
    void descriptor_of_a_process_is_duplicated_close_on_exec() {
        Posix.Pipe pipe = posix.pipe2(Set.of(OpenFlag.O_CLOEXEC));
        int pidfd = posix.pidfd_open(posix.getpid());
        int duplicate = posix.pidfd_getfd(pidfd, pipe.writeEnd());
        try {
            assertThat(duplicate).isNotEqualTo(pipe.writeEnd());
            assertThat(posix.isCloseOnExec(duplicate)).isTrue();
            posix.write(duplicate, new byte[]{7});
            assertThat(posix.read(pipe.readEnd(), 1)).containsExactly(7);
            assertThatExceptionOfType(PosixException.class).isThrownBy(() -> posix.pidfd_getfd(pidfd, -1))
                    .satisfies(failure -> assertThat(failure.errno()).isEqualTo(Errno.EBADF));
        } finally {
            for (int fd : new int[]{duplicate, pidfd, pipe.readEnd(), pipe.writeEnd()}) {
                posix.close(fd);
            }
        }
    }
}
