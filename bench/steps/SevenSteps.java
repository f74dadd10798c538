package steps;

import io.github.daemonsteps.DaemonRun;
import io.github.daemonsteps.DaemonSteps;
import java.io.FileInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** Measures the seven steps with all their checks in a warm JVM. After each run its process is killed. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
public class SevenSteps {

    /** In bytes: more than the young generation, so that the collector never moves an array. */
    private static final int ARRAY_SIZE = 128 << 20;
    private static final int ARRAY_HEADER = 16;

    /** Mebibytes of heap that have been written to. */
    @Param("0")
    public int heap;

    /** Open descriptors beside those of the JVM. */
    @Param("0")
    public int descriptors;

    /** Threads that wait. */
    @Param("1")
    public int threads;

    /** Whether the reports list the open descriptors, as they do by default. */
    @Param("false")
    public boolean lists;

    private final List<byte[]> touched = new ArrayList<>();
    private final List<FileInputStream> open = new ArrayList<>();
    private final CountDownLatch end = new CountDownLatch(1);
    private DaemonSteps steps;

    @Setup
    public void fillLauncher() throws IOException {
        for (long bytes = 0; bytes < (long) heap << 20; bytes += ARRAY_SIZE) {
            byte[] memory = new byte[ARRAY_SIZE - ARRAY_HEADER];
            Arrays.fill(memory, (byte) 1);
            touched.add(memory);
        }
        for (int i = 0; i < descriptors; i++) {
            open.add(new FileInputStream("/dev/null"));
        }
        for (int i = 1; i < threads; i++) {
            Thread.ofPlatform().daemon().start(this::awaitEnd);
        }
        steps = lists ? DaemonSteps.classic() : DaemonSteps.classic().withoutDescriptorLists();
    }

    @TearDown
    public void emptyLauncher() throws IOException {
        for (FileInputStream each : open) {
            each.close();
        }
        end.countDown();
    }

    @Benchmark
    public void take() {
        try (DaemonRun run = steps.start()) {
            var last = run.runRemaining().getLast();
            if (last.failed()) {
                throw new IllegalStateException(last.toString());
            }
        }
    }

    private void awaitEnd() {
        try {
            end.await();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
