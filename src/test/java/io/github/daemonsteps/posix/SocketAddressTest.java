package io.github.daemonsteps.posix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SocketAddressTest {

    @ParameterizedTest
    @CsvSource({
        "00000000000000000000000000000000, [::]:80",
        "00000000000000000000000000000001, [::1]:80",
        "fe800000000000000000000000000000, [fe80::]:80",
        "20010db8000000010002000300040005, [2001:db8:0:1:2:3:4:5]:80",
        "20010db8000000000001000000000001, [2001:db8::1:0:0:1]:80",
        "20010000000000010000000000000001, [2001:0:0:1::1]:80",
        "00000000000000000000ffff01020304, [::ffff:102:304]:80"
    })
    void ipv6_address_is_written_as_in_rfc_5952(String bytes, String text) throws Exception {
        InetAddress host = Inet6Address.getByAddress(null, HexFormat.of().parseHex(bytes), -1);
        var address = new SocketAddress.Inet(new InetSocketAddress(host, 80));
        assertThat(address).hasToString(text);
        assertThat(address.family()).isEqualTo(SocketFamily.AF_INET6);
    }

    @Test
    void ipv6_address_with_scope_shows_its_number() throws Exception {
        byte[] bytes = HexFormat.of().parseHex("fe800000000000000000000000000001");
        InetAddress host = Inet6Address.getByAddress(null, bytes, 2);
        assertThat(new SocketAddress.Inet(new InetSocketAddress(host, 80))).hasToString("[fe80::1%2]:80");
    }

    @Test
    void ipv4_address_is_written_with_its_port() {
        var address = new SocketAddress.Inet(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 80));
        assertThat(address).hasToString("127.0.0.1:80");
        assertThat(address.family()).isEqualTo(SocketFamily.AF_INET);
    }

    @Test
    void unresolved_address_is_rejected() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new SocketAddress.Inet(InetSocketAddress.createUnresolved("host", 80)))
                .withMessage("socket address 'host:80': the host name is not resolved; use an address of the"
                        + " host");
    }

    @Test
    void unix_path_has_at_most_107_bytes() {
        String longest = "/" + "x".repeat(104) + "é";
        assertThat(unix(longest).path().length()).isEqualTo(107);
        assertThatIllegalArgumentException().isThrownBy(() -> unix(longest + "x"))
                .withMessage("socket path \"" + longest + "x\": has 108 bytes; use at most 107");
    }

    @Test
    void abstract_address_has_at_most_108_bytes() {
        String longest = "@" + "x".repeat(107);
        assertThat(unix(longest).isAbstract()).isTrue();
        assertThatIllegalArgumentException().isThrownBy(() -> unix(longest + "x"))
                .withMessage("abstract socket address \"" + longest + "x\": has 109 bytes; use at most 108");
    }

    @Test
    void unix_address_is_abstract_if_it_begins_with_an_at_sign() {
        assertThat(unix("@x").isAbstract()).isTrue();
        assertThat(unix("./@x").isAbstract()).isFalse();
        assertThat(unix("").isAbstract()).isFalse();
        assertThat(unix("@x")).hasToString("@x").extracting(SocketAddress::family)
                .isEqualTo(SocketFamily.AF_UNIX);
    }

    private static SocketAddress.Unix unix(String path) {
        return new SocketAddress.Unix(CString.of(path));
    }
}
