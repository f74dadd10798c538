package io.github.daemonsteps.steps.extra;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.FileMode;
import io.github.daemonsteps.posix.SocketAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ListenSocketTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"127.0.0.1:80 | unknown | 127.0.0.1:80",
        "http=0.0.0.0:80 | http | 0.0.0.0:80", "[::1]:8080 | unknown | [::1]:8080",
        "a.b_c-1=[::]:0 | a.b_c-1 | [::]:0", "/run/a=b.sock | unknown | /run/a=b.sock",
        "x=/run/app.sock | x | /run/app.sock", "@app=1 | unknown | @app=1", "x=@app | x | @app",
        "[2001:db8::1:0:0:1]:443 | unknown | [2001:db8::1:0:0:1]:443"})
    void text_has_an_optional_name_and_an_address(String text, String name, String address) {
        ListenSocket socket = ListenSocket.parse(text);
        assertThat(socket.name()).isEqualTo(name);
        assertThat(socket.text()).isEqualTo(address);
        assertThat(socket.mode()).isNull();
    }

    @Test
    void port_alone_is_that_of_all_addresses() {
        assertThat(ListenSocket.parse("80").text()).isIn("[::]:80", "0.0.0.0:80");
        assertThat(ListenSocket.parse(":80")).isEqualTo(ListenSocket.parse("80"));
        assertThat(ListenSocket.parse("web=80").name()).isEqualTo("web");
    }

    @Test
    void unix_socket_has_mode_user_and_group() {
        ListenSocket socket = ListenSocket.parse("/run/app.sock,mode=0640,user=www-data,group=7");
        assertThat(socket.file()).isEqualTo(CString.of("/run/app.sock"));
        assertThat(socket.mode()).isEqualTo(FileMode.of(0640));
        assertThat(socket.user()).isEqualTo(CString.of("www-data"));
        assertThat(socket.group()).isEqualTo(CString.of("7"));
    }

    @Test
    void path_need_not_be_text() {
        CString path = CString.ofBytes(new byte[]{'/', (byte) 0xff, (byte) 0xc3});
        assertThat(ListenSocket.parse(path).file()).isEqualTo(path);
        assertThat(ListenSocket.parse("/é").file()).isEqualTo(CString.of("/é"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "localhost:80", "1.2.3.4", "1.2.3:80", "1.2.3.400:80", "[::1]", "[::1:80",
        "[1.2.3.4]:80", "[fe80::1%eth0]:80", "::1:80", "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:",
        "65536", "run/app.sock", "/", "/run/", "@", "n ame=80", "=80", "/x,mode=", "/x,mode=1777",
        "/x,mode=9",
        "/x,foo=1", "/x,", "/x,user=", "/x,group=", "@x,mode=0600", "80,user=root", "+80", "a:b=80"})
    void invalid_text_is_refused_in_one_line(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> ListenSocket.parse(text))
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\n").contains("; "));
    }

    @Test
    void path_that_does_not_fit_into_an_address_is_refused() {
        assertThat(ListenSocket.parse("/" + "x".repeat(106)).file()).isNotNull();
        assertThatIllegalArgumentException().isThrownBy(() -> ListenSocket.parse("/" + "x".repeat(107)))
                .withMessageContaining("107");
    }

    @Test
    void first_descriptor_must_be_above_2() {
        assertThatIllegalArgumentException().isThrownBy(
                () -> new Listen(java.util.List.of(), 2, Listen.NONE, null, new BoundSockets()));
    }

    @Test
    void owner_that_does_not_exist_is_refused_before_the_step() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Listen(ListenSocket.parse("/run/x,user=no-such-user")))
                .withMessage("socket /run/x: user \"no-such-user\" does not exist");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Listen(ListenSocket.parse("/run/x,group=no-such-group")))
                .withMessage("socket /run/x: group \"no-such-group\" does not exist");
    }

    @Test
    void plan_has_the_calls_in_order() {
        assertThat(new Listen(new ListenSocket(new SocketAddress.Unix(CString.of("@x")))).plan())
                .containsExactly("socket(AF_UNIX, SOCK_STREAM|SOCK_CLOEXEC, 0) = 3", "bind(3, \"@x\")",
                        "listen(3, 4096)", "getsockname(3)", "fcntl(3, F_SETFD, 0)",
                        "fcntl(3, F_GETFD)");
    }
}
