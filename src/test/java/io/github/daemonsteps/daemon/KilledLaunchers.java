package io.github.daemonsteps.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daemonsteps.daemon.StartWithFaults.Kind;
import io.github.daemonsteps.posix.Signal;
import io.github.daemonsteps.testing.ChildJvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;

/** Kills launchers during their starts, two at a time, and finds what each has left. */
final class KilledLaunchers {

    private static final int AT_A_TIME = 2;

    private static final int NO_BOUNDARY = -1;

    private final Kind kind;
    private final Path directory;
    private final String user;
    private final Map<Aftermath, Integer> tally = new EnumMap<>(Aftermath.class);
    private final List<String> wrong = new ArrayList<>();

    /** Each launcher gets a new directory in this one. */
    KilledLaunchers(Kind kind, Path directory, String user) {
        this.kind = kind;
        this.directory = directory;
        this.user = user;
    }

    /** Kills a launcher. */
    interface Killer {

        /** Kills the launcher, whose start has begun, and returns the place for messages. */
        String kill(ChildJvm launcher) throws Exception;
    }

    /** Returns how many starts have left this. */
    synchronized int count(Aftermath aftermath) {
        return tally.getOrDefault(aftermath, 0);
    }

    /** Returns the starts that have left something else. */
    synchronized List<String> wrong() {
        return List.copyOf(wrong);
    }

    /**
     * A start that is not disturbed.
     *
     * @param boundaries the number of its boundaries
     * @param nanos the time from its first call to its result
     */
    record Undisturbed(int boundaries, long nanos) {

        private Undisturbed longer(Undisturbed other) {
            return new Undisturbed(Math.max(boundaries, other.boundaries), Math.max(nanos, other.nanos));
        }
    }

    /** Runs some starts, as many at a time as are killed later, and returns the longest. */
    Undisturbed undisturbed() throws Exception {
        var longest = new AtomicReference<>(new Undisturbed(0, 0));
        each(Collections.nCopies(2 * AT_A_TIME, NO_BOUNDARY),
                _ -> longest.accumulateAndGet(goUndisturbed(), Undisturbed::longer));
        return longest.get();
    }

    private Undisturbed goUndisturbed() throws Exception {
        Path own = Files.createTempDirectory(directory, "d");
        var start = new StartWithFaults(kind, own, user);
        try (var launcher = launch(start, NO_BOUNDARY)) {
            assertThat(launcher.line()).isEqualTo(KilledLauncher.BEGUN);
            long begin = System.nanoTime();
            assertThat(launcher.line()).startsWith("d: started");
            long nanos = System.nanoTime() - begin;
            int boundaries = Integer.parseInt(launcher.line());
            launcher.kill();
            assertThat(Aftermath.of(start, start.tag()::processes, launcher.pid()))
                    .isEqualTo(Aftermath.WHOLE_DAEMON);
            return new Undisturbed(boundaries, nanos);
        } finally {
            start.tag().killAll();
        }
    }

    /**
     * Runs a launcher for each of these boundaries, which kills itself there. A start that waits less often
     * than the longest has fewer boundaries, and may have ended before the last of them.
     */
    void killAt(List<Integer> boundaries) throws Exception {
        each(boundaries, boundary -> kill(boundary, launcher -> {
            List<String> lines = launcher.rest();
            if (launcher.status() == 0) {
                assertThat(Integer.parseInt(lines.getLast())).as("%s", lines).isLessThanOrEqualTo(boundary);
            } else {
                assertThat(launcher.status()).as("%s", lines).isEqualTo(128 + Signal.SIGKILL.number());
            }
            return lines.getLast();
        }));
    }

    /** Runs a launcher for each killer. */
    void kill(List<Killer> killers) throws Exception {
        each(killers, killer -> kill(NO_BOUNDARY, launcher -> {
            assertThat(launcher.line()).isEqualTo(KilledLauncher.BEGUN);
            return killer.kill(launcher);
        }));
    }

    private interface Task<T> {
        void run(T each) throws Exception;
    }

    private static <T> void each(List<T> all, Task<T> task) throws Exception {
        try (var executor = Executors.newFixedThreadPool(AT_A_TIME)) {
            List<Callable<Void>> calls = new ArrayList<>();
            for (T each : all) {
                calls.add(() -> {
                    task.run(each);
                    return null;
                });
            }
            for (Future<Void> done : executor.invokeAll(calls)) {
                done.get();
            }
        }
    }

    private void kill(int boundary, Killer killer) throws Exception {
        Path own = Files.createTempDirectory(directory, "d");
        var start = new StartWithFaults(kind, own, user);
        try (var launcher = launch(start, boundary)) {
            String where = killer.kill(launcher);
            try {
                Aftermath aftermath = Aftermath.of(start, start.tag()::processes, launcher.pid());
                note(aftermath);
                if (aftermath == Aftermath.DEAD_PID_FILE && !where.startsWith(RandomDeath.TOGETHER)) {
                    note(where + ": the pid file is left");
                }
            } catch (AssertionError e) {
                note(boundary + ", " + where + ": " + e.getMessage());
            }
        } finally {
            start.tag().killAll();
        }
    }

    private static ChildJvm launch(StartWithFaults start, int boundary) throws IOException {
        var builder =
                new ProcessBuilder(ChildJvm.command(List.of(), KilledLauncher.class, start.kind().name(),
                        start.directory().toString(), start.user(), Integer.toString(boundary)));
        return ChildJvm.start(start.tag().addTo(builder));
    }

    private synchronized void note(Aftermath aftermath) {
        tally.merge(aftermath, 1, Integer::sum);
    }

    private synchronized void note(String between) {
        wrong.add(between);
    }
}
