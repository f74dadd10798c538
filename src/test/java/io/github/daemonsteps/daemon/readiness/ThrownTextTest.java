package io.github.daemonsteps.daemon.readiness;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import org.junit.jupiter.api.Test;

class ThrownTextTest {

    @Test
    void exception_with_causes_prints_each_once() {
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
    void cyclic_chain_of_causes_prints_each_once() {
        var first = new RuntimeException("first");
        var second = new RuntimeException("second", first);
        first.initCause(second);
        assertThat(ThrownText.message(first))
                .isEqualTo("first; caused by java.lang.RuntimeException: second");
        assertThat(ThrownText.message(new IllegalStateException("outer", first)))
                .isEqualTo("outer; caused by java.lang.RuntimeException: first;"
                        + " caused by java.lang.RuntimeException: second");
    }

    /** Each cause is created on request, so the chain has no repetition. */
    private static final class Endless extends RuntimeException {
        private static final long serialVersionUID = 1;

        @Override
        public synchronized Throwable getCause() {
            return new Endless();
        }
    }

    @Test
    void endless_chain_of_causes_is_truncated() {
        assertThat(ThrownText.message(new Endless()).split("; caused by ")).hasSizeLessThan(20);
    }
}
