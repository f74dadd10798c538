package io.github.daemonsteps.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LogTailTest {

    /** JUnit itself calls this test from dozens of calls deep. */
    private static List<String> trace() {
        var out = new StringWriter();
        new IllegalStateException("the port is taken", new IllegalArgumentException("port 80"))
                .printStackTrace(new PrintWriter(out));
        return out.toString().lines().map(line -> line.replace('\t', ' ')).toList();
    }

    @Test
    void stack_trace_of_deep_calls_shows_the_exception_and_its_causes() {
        List<String> lines = new ArrayList<>(List.of("starting"));
        lines.addAll(trace());
        lines.add("ending");
        List<String> tail = LogTail.of(lines);
        assertThat(tail).hasSize(4);
        assertThat(tail.get(0)).isEqualTo("starting");
        assertThat(tail.get(1))
                .matches("java.lang.IllegalStateException: the port is taken \\[\\d\\d+ frames?]");
        assertThat(tail.get(2))
                .matches("Caused by: java.lang.IllegalArgumentException: port 80 \\[\\d+ frames?]");
        assertThat(tail.get(3)).isEqualTo("ending");
    }

    @Test
    void frames_without_their_exception_are_counted() {
        assertThat(LogTail.of(List.of(" at a.B.c(B.java:1)"))).containsExactly("[1 frame]");
        assertThat(LogTail.of(List.of(" at a.B.c(B.java:1)", " ... 7 more", "x")))
                .containsExactly("[2 frames]", "x");
    }

    @Test
    void lines_that_are_not_frames_are_kept_up_to_ten() {
        List<String> lines = IntStream.range(0, 25).mapToObj(i -> "looking at (" + i + ")").toList();
        assertThat(LogTail.of(lines)).isEqualTo(lines.subList(15, 25));
        assertThat(LogTail.of(List.of())).isEmpty();
    }
}
