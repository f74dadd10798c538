import io.github.daemonsteps.DaemonRun;
import io.github.daemonsteps.DaemonSteps;
import io.github.daemonsteps.steps.StepName;
import io.github.daemonsteps.steps.StepReport;
import java.io.FileInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What the limit of open descriptors costs, and what those cost that are open: the seven steps under a low limit and under
 * the hard one of this process, with few and with many descriptors, in turn.
 *
 * <pre>java -p target/daemon-steps.jar --add-modules io.github.daemonsteps \
 *      --enable-native-access=io.github.daemonsteps bench/Limits.java [ROUNDS]</pre>
 *
 * <p>In one JVM, whose limit is changed by prlimit(1) before each run. In each round every case has its turn, so that a machine that
 * is busy is so for all of them.
 */
public class Limits {

    private static final long LOW = 1024;

    /** A limit, how many descriptors are opened beside the JVM's own, and what was measured. */
    private static final class Case {

        final long limit;
        final int descriptors;
        final long[] allMicros;
        final long[] closeMicros;
        final Set<String> calls = new HashSet<>();
        long childKibibytes;

        Case(long limit, int descriptors, int rounds) {
            this.limit = limit;
            this.descriptors = descriptors;
            this.allMicros = new long[rounds];
            this.closeMicros = new long[rounds];
        }

        void measure(int round) throws Exception {
            limit(limit);
            List<FileInputStream> open = new ArrayList<>();
            try {
                for (int i = 0; i < descriptors; i++) {
                    open.add(new FileInputStream("/dev/null"));
                }
                steps(round);
            } finally {
                for (FileInputStream each : open) {
                    each.close();
                }
            }
        }

        private void steps(int round) throws IOException {
            long start = System.nanoTime();
            try (DaemonRun run = DaemonSteps.classic().start()) {
                long last = start;
                StepReport report = null;
                for (var steps = run.iterator(); steps.hasNext();) {
                    report = steps.next();
                    long now = System.nanoTime();
                    if (report.step() == StepName.CLOSE) {
                        closeMicros[round] = (now - last) / 1000;
                        calls.add(report.calls().stream().filter(call -> call.function().equals("close_range")).count()
                                + " calls");
                    }
                    last = now;
                }
                if (report == null || report.failed()) {
                    throw new IllegalStateException("failed: " + report);
                }
                allMicros[round] = (System.nanoTime() - start) / 1000;
                childKibibytes = Math.max(childKibibytes, peak(Integer.toString(run.process().pid())));
            }
        }

        @Override
        public String toString() {
            return String.format("limit %,d, %,d more descriptors: CLOSE %s, median %.2f ms; seven steps, median %.1f ms; "
                    + "the child's peak %,d KiB", limit, descriptors, calls, median(closeMicros), median(allMicros),
                    childKibibytes);
        }
    }

    public static void main(String[] args) throws Exception {
        int rounds = args.length > 0 ? Integer.parseInt(args[0]) : 100;
        long highest = hardLimit();
        List<Case> cases = List.of(new Case(LOW, 0, rounds), new Case(highest, 0, rounds),
                new Case(highest, 1_000, rounds), new Case(highest, 10_000, rounds));
        for (int warmUp = 0; warmUp < 5; warmUp++) {
            for (Case each : cases) {
                each.measure(0);
            }
        }
        for (int round = 0; round < rounds; round++) {
            for (Case each : cases) {
                each.measure(round);
            }
        }
        cases.forEach(System.out::println);
        System.out.printf("the launcher's peak %,d KiB%n", peak("self"));
        System.exit(0);
    }

    private static long hardLimit() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/limits")).stream().filter(line -> line.startsWith("Max open files"))
                .mapToLong(line -> Long.parseLong(line.trim().split("\\s+")[4])).findFirst().orElseThrow();
    }

    /** The soft limit alone. */
    private static void limit(long soft) throws Exception {
        int status = new ProcessBuilder("prlimit", "--pid", Long.toString(ProcessHandle.current().pid()),
                "--nofile=" + soft + ":").inheritIO().start().waitFor();
        if (status != 0) {
            throw new IllegalStateException("prlimit failed");
        }
    }

    /** VmHWM, see proc_pid_status(5). */
    static long peak(String process) throws IOException {
        return Files.readAllLines(Path.of("/proc", process, "status")).stream().filter(line -> line.startsWith("VmHWM:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", ""))).findFirst().orElseThrow();
    }

    private static double median(long[] micros) {
        long[] sorted = micros.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2] / 1000.0;
    }
}
