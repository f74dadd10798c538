package io.github.daemonsteps.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import org.junit.jupiter.api.Test;

class ThrownTextTest {

    @Test
    void exception_with_causes_tells_each_once() {
        var root = new IOException("port 80 is taken");
        assertThat(ThrownText.message(new IllegalStateException("no server", new UncheckedIOException(root))))
                .isEqualTo(
                        "no server; caused by java.io.UncheckedIOException: java.io.IOException: port 80 is taken");
        assertThat(
                ThrownText.message(new IllegalStateException("no server", new RuntimeException("x", root))))
                .isEqualTo(
                        "no server; caused by java.lang.RuntimeException: x; caused by java.io.IOException:"
                                + " port 80 is taken");
        assertThat(ThrownText.message(new RuntimeException(root)))
                .isEqualTo("java.io.IOException: port 80 is taken");
        assertThat(ThrownText.message(new NullPointerException()))
                .isEqualTo("java.lang.NullPointerException");
    }

    @Test
    void causes_in_a_ring_come_to_an_end() {
        var first = new RuntimeException("first");
        var second = new RuntimeException("second", first);
        first.initCause(second);
        assertThat(ThrownText.message(first)).startsWith(
                "first; caused by java.lang.RuntimeException: second; caused by java.lang.RuntimeException: first");
    }
}
