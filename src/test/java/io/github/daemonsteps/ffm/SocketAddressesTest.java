package io.github.daemonsteps.ffm;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.daemonsteps.ffm.libc.Libc;
import io.github.daemonsteps.ffm.libc.sockaddr_un;
import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.SocketAddress;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;

class SocketAddressesTest {

    private final Arena memory = Arena.ofAuto();

    @Test
    void ipv6_address_keeps_its_scope_and_its_port() throws Exception {
        var link = new byte[]{(byte) 0xfe, (byte) 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
        var host = Inet6Address.getByAddress(null, link, 3);
        SocketAddress read = roundTrip(new SocketAddress.Inet(new InetSocketAddress(host, 65_535)));
        assertThat(read).hasToString("[fe80::1%3]:65535");
    }

    @Test
    void mapped_ipv4_address_stays_an_ipv6_address() throws Exception {
        var mapped = new byte[]{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, (byte) 0xff, (byte) 0xff, 1, 2, 3, 4};
        var host = Inet6Address.getByAddress(null, mapped, -1);
        assertThat(roundTrip(new SocketAddress.Inet(new InetSocketAddress(host, 1))))
                .hasToString("[::ffff:102:304]:1");
    }

    private SocketAddress roundTrip(SocketAddress address) {
        MemorySegment struct = SocketAddresses.write(address, memory);
        return SocketAddresses.read(struct, (int) struct.byteSize());
    }

    @Test
    void path_ends_with_a_nul_and_abstract_name_does_not() {
        assertThat(path("/x")).isEqualTo("/x\0");
        assertThat(path("@x")).isEqualTo("\0x");
        assertThat(path("")).isEmpty();
    }

    private String path(String text) {
        MemorySegment struct = SocketAddresses.write(new SocketAddress.Unix(CString.of(text)), memory);
        return new String(struct.asSlice(sockaddr_un.sun_path$offset()).toArray(JAVA_BYTE), ISO_8859_1);
    }

    @Test
    void address_that_is_not_text_or_of_another_family_is_unsupported() {
        assertThat(unix("/x", 3 + 2)).isEqualTo(new SocketAddress.Unix(CString.of("/x")));
        assertThatThrownBy(() -> unix("\0a\0b", 4 + 2)).isInstanceOf(UnsupportedOperationException.class)
                .hasMessageContaining("cannot contain a NUL");
        // unix(7): a path of 108 bytes, whose NUL the kernel counts
        assertThatThrownBy(() -> unix("x".repeat(108), 109 + 2))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageContaining("has 108 bytes");
        MemorySegment netlink = SocketAddresses.allocate(memory);
        sockaddr_un.sun_family(netlink, (short) 16);
        assertThatThrownBy(() -> SocketAddresses.read(netlink, 12))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessage("socket address of the family 16: is neither an internet address nor a Unix"
                        + " address");
    }

    private SocketAddress unix(String path, int length) {
        MemorySegment struct = SocketAddresses.allocate(memory);
        sockaddr_un.sun_family(struct, (short) Libc.AF_UNIX());
        byte[] bytes = path.getBytes(ISO_8859_1);
        MemorySegment.copy(bytes, 0, struct, JAVA_BYTE, sockaddr_un.sun_path$offset(), bytes.length);
        return SocketAddresses.read(struct, length);
    }
}
