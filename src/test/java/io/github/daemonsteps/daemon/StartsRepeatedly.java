package io.github.daemonsteps.daemon;

import io.github.daemonsteps.process.Program;
import io.github.daemonsteps.testing.Belongings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;

/**
 * An application that starts and stops a daemon again and again: {@code StartsRepeatedly DIRECTORY WARM_UP RUNS}. Prints its
 * resources before and after, a line each, and then the figures.
 */
final class StartsRepeatedly {

    private static final Duration DEADLINE = Duration.ofSeconds(20);

    private StartsRepeatedly() {
    }

    public static void main(String[] args) throws Exception {
        Path directory = Path.of(args[0]);
        Daemon daemon = Daemon.named("d").pidFile(directory.resolve("d.pid")).log(directory.resolve("d.log"));
        repeat(daemon, Integer.parseInt(args[1]));
        int runs = Integer.parseInt(args[2]);
        Belongings before = Belongings.now();
        int mappings = mappings();
        long residentBefore = residentKiB();
        long begun = System.nanoTime();
        repeat(daemon, runs);
        long micros = (System.nanoTime() - begun) / 1000 / runs;
        Belongings after = Belongings.nowOrSoon(before, DEADLINE);
        System.out.println(before);
        System.out.println(after.isNoMoreThan(before) ? before : after); // a thread of the JVM's own may have ended
        System.out.println("children: " + ProcessHandle.current().children().count());
        System.out.println(mappings() - mappings);
        System.out.println(residentKiB() - residentBefore);
        System.out.println(
                runs + " daemons started and stopped, " + micros + " us each, resident " + residentBefore
                        + " KiB before and " + residentKiB() + " after, " + mappings
                        + " mappings before and " + mappings()
                        + " after");
    }

    private static void repeat(Daemon daemon, int runs) {
        for (int i = 0; i < runs; i++) {
            StartResult started =
                    daemon.start(Program.of("/bin/sleep", "300"),
                            new Readiness.AliveAfter(Duration.ofNanos(1)));
            StopResult stopped = daemon.stop();
            if (!(started instanceof StartResult.Started) || !(stopped instanceof StopResult.Stopped)) {
                throw new AssertionError("run " + i + ": " + started + ", " + stopped);
            }
        }
    }

    private static int mappings() throws IOException {
        try (Stream<String> lines = Files.lines(Path.of("/proc/self/maps"))) {
            return (int) lines.count();
        }
    }

    private static long residentKiB() throws IOException {
        try (Stream<String> lines = Files.lines(Path.of("/proc/self/status"))) {
            return lines.filter(line -> line.startsWith("VmRSS:")).map(line -> line.replaceAll("[^0-9]", ""))
                    .mapToLong(Long::parseLong).findFirst().orElseThrow();
        }
    }
}
