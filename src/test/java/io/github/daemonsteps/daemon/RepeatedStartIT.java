package io.github.daemonsteps.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daemonsteps.testing.Belongings;
import io.github.daemonsteps.testing.ChildJvm;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A launcher that starts and stops daemons again and again keeps its descriptors, threads and memory. */
class RepeatedStartIT {

    @TempDir
    private Path directory;

    private void repeat(int runs) throws Exception {
        List<String> options = List.of(ChildJvm.COMPILES, "-Xms24m", "-Xmx24m", "-XX:+AlwaysPreTouch");
        try (var launcher = ChildJvm.start(options, StartsRepeatedly.class, directory.toString(),
                Integer.toString(Math.min(runs, 500)), Integer.toString(runs))) {
            String before = null;
            for (long begun = System.nanoTime(); before == null;) {
                try {
                    before = launcher.line();
                } catch (AssertionError e) {
                    assertThat(System.nanoTime() - begun).isLessThan(Duration.ofHours(2).toNanos());
                    assertThat(e).hasMessageStartingWith("no line in time");
                }
            }
            assertThat(launcher.line()).as("descriptors, threads and shared mappings").isEqualTo(before);
            assertThat(before).startsWith(Belongings.class.getSimpleName());
            assertThat(launcher.line()).isEqualTo("children: 0");
            int mappings = Integer.parseInt(launcher.line());
            long kibibytes = Long.parseLong(launcher.line());
            System.out.println(launcher.line());
            assertThat(mappings).as("additional mappings").isLessThan(20);
            assertThat(kibibytes).as("additional KiB").isLessThan(16 << 10);
            assertThat(launcher.status()).isZero();
        }
    }

    @Test
    void launcher_of_200_daemons_keeps_its_resources() throws Exception {
        repeat(200);
    }

    @Tag("stress")
    @Test
    void launcher_of_20_000_daemons_keeps_its_resources() throws Exception {
        repeat(20_000);
    }
}
