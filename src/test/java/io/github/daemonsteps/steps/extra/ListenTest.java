package io.github.daemonsteps.steps.extra;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ListenTest {

    private static Listen listen(String one, String other) {
        return new Listen(ListenSocket.parse("a=" + one), ListenSocket.parse("b=" + other));
    }

    @ParameterizedTest
    @CsvSource({"127.0.0.1:80, 127.0.0.1:80", "0.0.0.0:80, 127.0.0.1:80", "127.0.0.1:80, 0.0.0.0:80",
        "[::]:80, [::1]:80", "@a, @a", "/run/a, '/run/a,mode=0600'"})
    void two_sockets_that_need_the_same_address_are_refused(String one, String other) {
        assertThatThrownBy(() -> listen(one, other)).isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("socket ").hasMessageEndingWith("; leave one of them out");
    }

    @ParameterizedTest
    @CsvSource({"127.0.0.1:80, 127.0.0.1:81", "127.0.0.1:80, 127.0.0.2:80", "127.0.0.1:0, 127.0.0.1:0",
        "0.0.0.0:80, [::1]:80", "127.0.0.1:80, [::1]:80", "/run/a, /run/b", "@a, @b"})
    void sockets_with_addresses_of_their_own_are_accepted(String one, String other) {
        assertThat(listen(one, other).sockets()).hasSize(2);
    }
}
