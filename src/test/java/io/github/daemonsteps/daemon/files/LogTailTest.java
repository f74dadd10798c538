package io.github.daemonsteps.daemon.files;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LogTailTest {

    /** JUnit calls this test at a depth of dozens of frames. */
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

    /** The output of HotSpot when it crashes. */
    private static final List<String> CRASH = """
            #
            # A fatal error has been detected by the Java Runtime Environment:
            #
            #  SIGSEGV (0xb) at pc=0x00007f9ce0cd9d1e, pid=71, tid=72
            #
            # JRE version: OpenJDK Runtime Environment (25.0+36) (build 25+36)
            # Java VM: OpenJDK 64-Bit Server VM (25+36, mixed mode, sharing, tiered, serial gc, linux-amd64)
            # Problematic frame:
            # V  [libjvm.so+0xed9d1e]  Unsafe_PutInt+0x9e
            #
            # No core dump will be written. Core dumps have been disabled.
            #
            # An error report file with more information is saved as:
            # /tmp/hs_err_pid71.log
            #
            # If you would like to submit a bug report, please visit:
            #   https://bugreport.java.com/bugreport/crash.jsp
            #
            """.lines().toList();

    @Test
    void crash_of_the_jvm_shows_the_signal_the_frame_and_the_report() {
        List<String> lines = new ArrayList<>(List.of("starting"));
        lines.addAll(CRASH);
        lines.addAll(IntStream.range(0, 5).mapToObj(i -> "ending " + i).toList());
        assertThat(LogTail.of(lines)).containsSubsequence(CRASH.get(1), CRASH.get(3), CRASH.get(8),
                CRASH.get(13), "ending 4");
    }

    @Test
    void jvm_without_memory_shows_what_failed() {
        List<String> lines = new ArrayList<>(List.of("#",
                "# There is insufficient memory for the Java Runtime Environment to continue.",
                "# Native memory allocation (mmap) failed to map 65536 bytes. Error detail: committing"));
        lines.addAll(IntStream.range(0, 12).mapToObj(i -> "#   possible reason " + i).toList());
        assertThat(LogTail.of(lines)).startsWith(lines.get(1), lines.get(2)).endsWith(lines.getLast());
    }

    @Test
    void exception_before_many_other_lines_is_still_shown_with_its_causes() {
        List<String> lines = new ArrayList<>(List.of("java.lang.Error: earlier", " at a.B.c(B.java:1)"));
        lines.addAll(trace());
        lines.addAll(IntStream.range(0, 25).mapToObj(i -> "stopping " + i).toList());
        List<String> tail = LogTail.of(lines);
        assertThat(tail.getFirst()).startsWith("java.lang.IllegalStateException: the port is taken [");
        assertThat(tail.get(1)).startsWith("Caused by: java.lang.IllegalArgumentException: port 80 [");
        assertThat(tail.subList(2, tail.size())).isEqualTo(lines.subList(lines.size() - 10, lines.size()));
    }

    @Test
    void exception_among_the_last_lines_is_not_repeated() {
        List<String> tail = LogTail.of(trace());
        assertThat(tail).hasSize(2).doesNotHaveDuplicates();
    }
}
