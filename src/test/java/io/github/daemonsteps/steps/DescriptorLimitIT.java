package io.github.daemonsteps.steps;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daemonsteps.testing.Command;
import io.github.daemonsteps.testing.LaunchedSteps;
import io.github.daemonsteps.testing.Tool;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * Step 6 costs as much as there are open descriptors, and does not depend on their limit,
 * sysconf(_SC_OPEN_MAX).
 */
class DescriptorLimitIT {

    @Test
    void close_makes_equal_calls_with_any_limit() throws Exception {
        Closing low = closing(1024, 0);
        Closing high = closing(highest(), 0);
        assertThat(low.calls).isEqualTo(high.calls).isEqualTo(low.planned());
        assertThat(low.closed).isEqualTo(high.closed).isPositive();
        assertThat(low.openMax).isEqualTo(1024);
        assertThat(high.openMax).isEqualTo(highest()).isGreaterThan(1024);
    }

    @Test
    void close_makes_equal_calls_with_a_thousand_descriptors_open() throws Exception {
        Closing few = closing(4096, 0);
        Closing many = closing(4096, 1000);
        assertThat(many.calls).hasSameSizeAs(few.calls).isEqualTo(many.planned());
        assertThat(many.closed).isEqualTo(few.closed + 1000);
        assertThat(many.openMax).isEqualTo(4096);
    }

    /** The calls of CLOSE. */
    private record Closing(int control, List<String> calls, int closed, long openMax) {

        /** The plan with the number of the control descriptor and the results of the calls. */
        List<String> planned() {
            return new CloseDescriptors().plan().stream()
                    .map(call -> call.replace("CONTROL - 1", "" + (control - 1))
                            .replace("CONTROL + 1", "" + (control + 1)) + " = 0")
                    .toList();
        }
    }

    private static Closing closing(long limit, int descriptors) throws Exception {
        try (var launched =
                LaunchedSteps.start(List.of(Tool.need("prlimit"), "--nofile=" + limit + ":" + limit),
                        List.of("-XX:-MaxFDLimit", "-Ddescriptors=" + descriptors), "classic")) {
            String report = launched.lines("report").stream().filter(line -> line.startsWith("CLOSE "))
                    .findFirst().orElseThrow();
            Matcher note = Pattern
                    .compile("CLOSE Done: closed (\\d+); sysconf\\(_SC_OPEN_MAX\\) is (\\d+)")
                    .matcher(report);
            assertThat(report).matches(note.pattern());
            assertThat(note.matches()).isTrue();
            return new Closing(Integer.parseInt(launched.lines("control").getFirst()),
                    launched.lines("call"), Integer.parseInt(note.group(1)), Long.parseLong(note.group(2)));
        }
    }

    /** The highest limit that this user can set. */
    private static long highest() throws Exception {
        String highest = Files.readString(Path.of("/proc/sys/fs/nr_open")).trim();
        if (Command.run(Tool.need("prlimit"), "--nofile=" + highest + ":" + highest, "true").status() == 0) {
            return Long.parseLong(highest);
        }
        return Files.readAllLines(Path.of("/proc/self/limits")).stream()
                .filter(line -> line.startsWith("Max open files"))
                .map(line -> Long.valueOf(line.trim().split("\\s+")[4])).findFirst().orElseThrow();
    }
}
