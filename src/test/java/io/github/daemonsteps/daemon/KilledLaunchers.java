package io.github.daemonsteps.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daemonsteps.posix.Signal;
import io.github.daemonsteps.testing.ChildJvm;
import io.github.daemonsteps.testing.Sandbox;
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

/** Launchers that are killed on their way, two at a time, and what is left of each. */
final class KilledLaunchers {

    private static final int AT_A_TIME = 2;

    private static final int NO_BOUNDARY = -1;

    private final Path directory;
    private final String user;
    private final Map<Aftermath, Integer> tally = new EnumMap<>(Aftermath.class);
    private final List<String> wrong = new ArrayList<>();

    /** Each has a directory of its own in this one. */
    KilledLaunchers(Path directory, String user) {
        this.directory = directory;
        this.user = user;
    }

    /** Sees to the end of a launcher whose start has begun. */
    interface Killer {

        /** Returns what it has done, for people; the launcher has ended then. */
        String kill(ChildJvm launcher) throws Exception;
    }

    /** What has come of those until now. */
    synchronized int count(Aftermath aftermath) {
        return tally.getOrDefault(aftermath, 0);
    }

    /** What was something between. */
    synchronized List<String> wrong() {
        return List.copyOf(wrong);
    }

    /**
     * A start in which nobody is killed.
     *
     * @param boundaries how many it has
     * @param nanos how long it takes, from its first call to the word of readiness
     */
    record Undisturbed(int boundaries, long nanos) {

        private Undisturbed longer(Undisturbed other) {
            return new Undisturbed(Math.max(boundaries, other.boundaries), Math.max(nanos, other.nanos));
        }
    }

    /** Has some starts go undisturbed, as many at a time as there will be. Of them the longest counts. */
    Undisturbed undisturbed() throws Exception {
        var longest = new AtomicReference<>(new Undisturbed(0, 0));
        each(Collections.nCopies(2 * AT_A_TIME, NO_BOUNDARY),
                _ -> longest.accumulateAndGet(goUndisturbed(), Undisturbed::longer));
        return longest.get();
    }

    private Undisturbed goUndisturbed() throws Exception {
        Path own = Files.createTempDirectory(directory, "d");
        try (var sandbox = new Sandbox(directory); var launcher = launch(sandbox, own, NO_BOUNDARY)) {
            assertThat(launcher.line()).isEqualTo(SweptLauncher.BEGUN);
            long begin = System.nanoTime();
            assertThat(launcher.line()).startsWith("d: started");
            long nanos = System.nanoTime() - begin;
            int boundaries = Integer.parseInt(launcher.line());
            launcher.kill();
            assertThat(Aftermath.of(new SweptStart(own, user), sandbox::left, launcher.pid()))
                    .isEqualTo(Aftermath.WHOLE_DAEMON);
            return new Undisturbed(boundaries, nanos);
        }
    }

    /** Launches one for each of these boundaries, and has it kill itself there. */
    void killAt(List<Integer> boundaries) throws Exception {
        each(boundaries, boundary -> kill(boundary, launcher -> {
            List<String> lines = launcher.rest();
            assertThat(launcher.status()).as("%s", lines).isEqualTo(128 + Signal.SIGKILL.number());
            return lines.getLast();
        }));
    }

    /** Launches one for each of these, and has it killed so. */
    void kill(List<Killer> killers) throws Exception {
        each(killers, killer -> kill(NO_BOUNDARY, launcher -> {
            assertThat(launcher.line()).isEqualTo(SweptLauncher.BEGUN);
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
        try (var sandbox = new Sandbox(directory); var launcher = launch(sandbox, own, boundary)) {
            String where = killer.kill(launcher);
            try {
                Aftermath aftermath =
                        Aftermath.of(new SweptStart(own, user), sandbox::left, launcher.pid());
                note(aftermath);
                if (aftermath == Aftermath.DEAD_PID_FILE && !where.startsWith(RandomDeath.TOGETHER)) {
                    note(where + ": nobody has removed the pid file");
                }
            } catch (AssertionError between) {
                note(boundary + ", " + where + ": " + between.getMessage());
            }
        }
    }

    private ChildJvm launch(Sandbox sandbox, Path own, int boundary) throws IOException {
        return ChildJvm
                .start(sandbox.builder(ChildJvm.command(List.of(), SweptLauncher.class, own.toString(), user,
                        Integer.toString(boundary))));
    }

    private synchronized void note(Aftermath aftermath) {
        tally.merge(aftermath, 1, Integer::sum);
    }

    private synchronized void note(String between) {
        wrong.add(between);
    }
}
