package io.github.daemonsteps.daemon.supervisor;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class NotifySocketTest {

    @Test
    void status_is_one_line_that_fits_into_a_message() {
        assertThat(NotifySocket.status("a\n MAINPID=1\r\n\nb\tc\0")).isEqualTo("STATUS=a MAINPID=1 b c\\x00");
        assertThat(NotifySocket.status("")).isEqualTo("STATUS=");
        assertThat(NotifySocket.status("x".repeat(1024))).isEqualTo("STATUS=" + "x".repeat(1024));
        assertThat(NotifySocket.status("\u20ac".repeat(9999)).getBytes(StandardCharsets.UTF_8))
                .hasSizeLessThan(4000);
        String smile = "\ud83d\ude42";
        assertThat(NotifySocket.status("x" + smile.repeat(9999)))
                .isEqualTo("STATUS=x" + smile.repeat(511) + " ...");
    }
}
