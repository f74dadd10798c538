import io.github.daemonsteps.DaemonRun;
import io.github.daemonsteps.DaemonSteps;
import io.github.daemonsteps.steps.StepReport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * The same as {@code NaiveFork}, through the library: all seven steps in each forked process, checked.
 *
 * <pre>java -p target/daemon-steps.jar --add-modules io.github.daemonsteps \
 *      --enable-native-access=io.github.daemonsteps -XX:+UseG1GC bench/RelaySteps.java [RUNS] [ALLOCATING_THREADS] [MEBIBYTES]</pre>
 *
 * <p>MEBIBYTES of heap are written to first, to see what they cost the fork. Of memory the launcher's peak is told, and of the last
 * child what it has for itself alone: pages that it shares with the launcher count in its peak, and cost nothing.
 */
public class RelaySteps {

    private static byte[][] touched;

    public static void main(String[] args) {
        int runs = args.length > 0 ? Integer.parseInt(args[0]) : 300;
        int threads = args.length > 1 ? Integer.parseInt(args[1]) : 0;
        int mebibytes = args.length > 2 ? Integer.parseInt(args[2]) : 0;
        touched = new byte[mebibytes][];
        for (int i = 0; i < mebibytes; i++) {
            touched[i] = new byte[1 << 20];
            Arrays.fill(touched[i], (byte) 1);
        }
        for (int i = 0; i < threads; i++) {
            Thread.ofPlatform().daemon().start(RelaySteps::allocate);
        }
        int wrong = 0;
        long childsOwn = 0;
        long[] forkMicros = new long[runs];
        long[] micros = new long[runs];
        for (int i = 0; i < runs; i++) {
            long start = System.nanoTime();
            try (DaemonRun run = DaemonSteps.classic().start()) {
                var steps = run.iterator();
                StepReport report = steps.next();
                forkMicros[i] = (System.nanoTime() - start) / 1000;
                while (steps.hasNext()) {
                    report = steps.next();
                }
                wrong += report.failed() ? 1 : 0;
                if (i == runs - 1) {
                    childsOwn = kibibytes("/proc/" + run.process().pid() + "/smaps_rollup", "Private_");
                }
            }
            micros[i] = (System.nanoTime() - start) / 1000;
        }
        Arrays.sort(forkMicros);
        Arrays.sort(micros);
        System.out.printf("seven steps, %d allocating threads, %d MiB touched: %d of %d failed; "
                + "median %.1f ms, of that FORK %.1f ms; the launcher's peak %,d KiB, the child's own %,d KiB%n", threads,
                touched.length, wrong, runs, micros[runs / 2] / 1000.0, forkMicros[runs / 2] / 1000.0,
                kibibytes("/proc/self/status", "VmHWM:"), childsOwn);
        System.exit(0);
    }

    /** The sum of the lines that begin so. */
    private static long kibibytes(String file, String prefix) {
        try {
            return Files.readAllLines(Path.of(file)).stream().filter(line -> line.startsWith(prefix))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", ""))).sum();
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    private static void allocate() {
        byte[][] kept = new byte[4096][];
        for (int i = 0;; i = (i + 1) % kept.length) {
            kept[i] = new byte[1024 + i % 1024];
        }
    }
}
