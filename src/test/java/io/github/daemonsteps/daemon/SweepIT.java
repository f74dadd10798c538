package io.github.daemonsteps.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daemonsteps.daemon.KilledStart.AtBoundary;
import io.github.daemonsteps.daemon.StartWithFaults.Kind;
import io.github.daemonsteps.posix.Processes;
import io.github.daemonsteps.posix.Signal;
import io.github.daemonsteps.procfs.ProcessStat;
import io.github.daemonsteps.relay.Faults;
import io.github.daemonsteps.relay.Faults.Where;
import io.github.daemonsteps.testing.Belongings;
import io.github.daemonsteps.testing.ChildJvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A start is killed, or held up, wherever that can happen. Afterwards there is nothing left, or a complete daemon with a
 * truthful pid file: never something between.
 */
class SweepIT {

    private static final int NONE = Integer.MAX_VALUE;
    private static final int AT_ONCE = 2;

    @TempDir
    private Path directory;

    private StartWithFaults start(Kind kind, String name) throws IOException {
        return new StartWithFaults(kind, Files.createDirectory(directory.resolve(name)));
    }

    private static ChildJvm launcher(StartWithFaults start, int boundary) throws IOException {
        var builder = new ProcessBuilder(ChildJvm.command(List.of(), KilledStart.class, start.kind().name(),
                start.directory().toString(), Integer.toString(boundary)));
        builder.environment().put(StartWithFaults.MARK, start.directory().toString());
        return ChildJvm.start(builder);
    }

    /** What came of a start of which the launcher is gone: {@code nothing}, {@code a daemon}, or what is wrong. */
    private static String outcome(StartWithFaults start) throws Exception {
        long until = System.nanoTime() + ChildJvm.DEADLINE.toNanos();
        String mark = StartWithFaults.MARK + "=" + start.directory();
        while (true) {
            List<Integer> left = Processes.marked(mark);
            List<String> wrong = new ArrayList<>();
            if (left.isEmpty()) {
                return Files.exists(start.pidFile())
                        ? "nobody is left, and the pid file says " + Files.readString(start.pidFile())
                        : "nothing";
            }
            if (left.size() == 1) {
                wrong.addAll(Leftovers.checkComplete(start, left.getFirst()));
                if (wrong.isEmpty()) {
                    wrong.addAll(Leftovers.checkCompleteAndStop(start, left.getFirst()));
                    return wrong.isEmpty() ? "a daemon" : wrong.toString();
                }
            }
            if (System.nanoTime() - until > 0) {
                left.forEach(Processes::kill);
                return "left are " + left + ": " + wrong;
            }
            LockSupport.parkNanos(1_000_000); // nothing announces what becomes of processes that are not ours
        }
    }

    private String killAt(Kind kind, int boundary) throws Exception {
        StartWithFaults start = start(kind, "at" + boundary);
        try (var launcher = launcher(start, boundary)) {
            launcher.rest();
            return launcher.status() == 128 + Signal.SIGKILL.number()
                    ? outcome(start)
                    : "the launcher was not killed";
        } finally {
            Processes.marked(StartWithFaults.MARK + "=" + start.directory()).forEach(Processes::kill);
        }
    }

    /** How many boundaries a start has. */
    private int boundaries(Kind kind) throws Exception {
        StartWithFaults start = start(kind, "whole");
        try (var launcher = launcher(start, NONE)) {
            assertThat(launcher.line()).isEqualTo("begins");
            int count = Integer.parseInt(launcher.line());
            launcher.rest();
            assertThat(outcome(start)).isEqualTo("a daemon");
            return count;
        }
    }

    private void report(String what, List<String> outcomes) {
        long daemons = outcomes.stream().filter("a daemon"::equals).count();
        long nothing = outcomes.stream().filter("nothing"::equals).count();
        System.out.println(
                what + ": " + outcomes.size() + ", of which " + nothing + " left nothing and " + daemons
                        + " a complete daemon");
        assertThat(outcomes).allSatisfy(outcome -> assertThat(outcome).isIn("nothing", "a daemon"));
        assertThat(nothing).isPositive();
    }

    private static List<String> all(List<Callable<String>> tasks) throws Exception {
        List<String> outcomes = new ArrayList<>();
        try (var executor = Executors.newFixedThreadPool(AT_ONCE)) {
            for (Future<String> each : executor.invokeAll(tasks)) {
                outcomes.add(each.get());
            }
        }
        return outcomes;
    }

    private void killAtEach(Kind kind, int from, int step) throws Exception {
        int count = boundaries(kind);
        List<Callable<String>> tasks = new ArrayList<>();
        for (int boundary = from; boundary < count; boundary += step) {
            int at = boundary;
            tasks.add(() -> killAt(kind, at));
        }
        report("SIGKILL to the launcher at boundaries of " + kind + ", of " + count, all(tasks));
    }

    @Test
    void a_launcher_is_killed_behind_each_reply() throws Exception {
        killAtEach(Kind.NEWLINE, 1, 2);
    }

    @Test
    void a_launcher_is_killed_before_each_request() throws Exception {
        killAtEach(Kind.NEWLINE, 0, 2);
    }

    @Tag("stress")
    @Test
    void a_launcher_of_a_daemon_that_tells_is_killed_at_each_boundary() throws Exception {
        killAtEach(Kind.TOLD, 0, 1);
    }

    private void killAtRandom(int kills) throws Exception {
        StartWithFaults whole = start(Kind.NEWLINE, "whole");
        long nanos;
        try (var launcher = launcher(whole, NONE)) {
            assertThat(launcher.line()).isEqualTo("begins");
            long begun = System.nanoTime();
            launcher.line();
            nanos = System.nanoTime() - begun;
            launcher.rest();
            assertThat(outcome(whole)).isEqualTo("a daemon");
        }
        long seed = System.nanoTime();
        System.out.println("random instants: seed " + seed + ", a start takes " + nanos / 1_000_000 + " ms");
        var random = new Random(seed);
        List<Callable<String>> tasks = new ArrayList<>();
        for (int i = 0; i < kills; i++) {
            int number = i;
            long instant = (long) (random.nextDouble() * nanos * 1.2);
            tasks.add(() -> killAfter(instant, number));
        }
        report("SIGKILL to the launcher at random instants", all(tasks));
    }

    private String killAfter(long nanos, int number) throws Exception {
        StartWithFaults start = start(Kind.NEWLINE, "random" + number);
        try (var launcher = launcher(start, NONE)) {
            launcher.line();
            LockSupport.parkNanos(nanos);
            launcher.kill();
            return outcome(start);
        } finally {
            Processes.marked(StartWithFaults.MARK + "=" + start.directory()).forEach(Processes::kill);
        }
    }

    @Test
    void a_launcher_is_killed_at_random_instants() throws Exception {
        killAtRandom(30);
    }

    @Tag("stress")
    @Test
    void a_launcher_is_killed_at_1_000_random_instants() throws Exception {
        killAtRandom(1_000);
    }

    enum Victim {
        CHILD, LEADER
    }

    /** The child is killed as long as it is no program; from then on it is a daemon that somebody kills. */
    @ParameterizedTest
    @EnumSource
    void a_forked_process_is_killed_at_each_boundary(Victim victim) throws Exception {
        StartWithFaults start = start(Kind.NEWLINE, "d");
        start.record();
        List<String> wrong = new ArrayList<>();
        int failed = 0;
        int succeeded = 0;
        boolean isOver = false;
        for (int boundary = 1; !isOver; boundary++) {
            var leftovers = new Leftovers(start);
            var killed = new Killing(boundary, victim);
            var faults = new Faults(killed.script);
            killed.faults = faults;
            StartResult result = start.start(faults);
            isOver = !killed.hasKilled && killed.script.count() <= boundary;
            String name = victim + " at " + boundary + ": " + result + ": ";
            if (result instanceof StartResult.Started started) {
                succeeded++;
                Leftovers.checkCompleteAndStop(start, started.pid()).forEach(what -> wrong.add(name + what));
                if (victim == Victim.CHILD && killed.hasKilled) {
                    wrong.add(name + "should have failed");
                }
            } else {
                failed++;
                String message = result.message();
                if (!message.contains(": the forked process ")
                        && !message.contains("is not held by process ")) {
                    wrong.add(name + "does not say that the process has ended");
                }
            }
            leftovers.check(faults, false).forEach(what -> wrong.add(name + what));
        }
        System.out.println(
                "SIGKILL to the " + victim + " at each boundary: " + failed + " starts failed, " + succeeded
                        + " succeeded");
        assertThat(wrong).isEmpty();
        assertThat(failed).isPositive();
    }

    private static final class Killing {

        private final AtBoundary script;
        private final Victim victim;
        private Faults faults = new Faults(new Faults.Script() {});
        private boolean hasKilled;

        Killing(int boundary, Victim victim) {
            this.victim = victim;
            this.script = new AtBoundary(boundary, this::kill);
        }

        private void kill() {
            List<Integer> pids = List.copyOf(faults.forked());
            boolean isThere = pids.size() > (victim == Victim.LEADER ? 1 : 0);
            int pid = !isThere ? 0 : victim == Victim.LEADER ? pids.getFirst() : pids.getLast();
            if (isThere && ProcessStat.of(pid).filter(stat -> !stat.hasExecuted()).isPresent()) {
                Processes.kill(pid);
                hasKilled = true;
            }
        }
    }

    /** So it answers late, as on a slow machine. */
    @ParameterizedTest
    @EnumSource(Kind.class)
    void a_forked_process_is_stopped_before_each_request_and_goes_on_when_it_is_waited_for(Kind kind)
            throws Exception {
        StartWithFaults start = start(kind, "d");
        int[] stops = {0};
        int[] stopped = {0};
        var faults = new Faults(new Faults.Script() {
            @Override
            public void before(List<Faults.Call> request) {
                Faults.Call first = request.getFirst();
                if (first.where() != Where.LAUNCHER) {
                    stopped[0] = first.process();
                    stop(stopped[0]);
                    stops[0]++;
                } else if (first.function().equals("poll") && stopped[0] != 0) {
                    Processes.signal(stopped[0], Signal.SIGCONT);
                    stopped[0] = 0;
                }
            }
        });
        StartResult result = start.start(faults);
        System.out.println("SIGSTOP before a request: " + stops[0] + " times, then " + result);
        assertThat(stops[0]).isGreaterThan(20);
        if (kind == Kind.ENDING) {
            assertThat(result.message()).contains("it ended with exit status 3");
        } else {
            assertThat(result).isInstanceOf(StartResult.Started.class);
            assertThat(Leftovers.checkCompleteAndStop(start, ((StartResult.Started) result).pid())).isEmpty();
        }
    }

    /** Only a parent is told of a stop. */
    private static void stop(int pid) {
        Processes.signal(pid, Signal.SIGSTOP);
        long until = System.nanoTime() + ChildJvm.DEADLINE.toNanos();
        while (ProcessStat.of(pid).orElseThrow().state() != 'T') {
            if (System.nanoTime() - until > 0) {
                throw new AssertionError("process " + pid + " does not stop");
            }
            LockSupport.parkNanos(100_000);
        }
    }

    @Test
    void a_launcher_that_is_stopped_at_any_instant_goes_on() throws Exception {
        for (int i = 0; i < 5; i++) {
            StartWithFaults start = start(Kind.NEWLINE, "stopped" + i);
            try (var launcher = launcher(start, NONE)) {
                launcher.line();
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20L * i)); // any instant will do
                stop(launcher.pid());
                Processes.signal(launcher.pid(), Signal.SIGCONT);
                assertThat(launcher.rest().getLast()).startsWith("d: started, pid ");
                assertThat(outcome(start)).isEqualTo("a daemon");
            } finally {
                Processes.marked(StartWithFaults.MARK + "=" + start.directory()).forEach(Processes::kill);
            }
        }
    }

    private void repeat(int runs) throws Exception {
        Path folder = Files.createDirectory(directory.resolve("d"));
        List<String> options = List.of("-Xms24m", "-Xmx24m", "-XX:+AlwaysPreTouch");
        try (var launcher = ChildJvm.start(options, StartsRepeatedly.class, folder.toString(),
                Integer.toString(Math.min(runs, 500)), Integer.toString(runs))) {
            String before = null;
            for (long begun = System.nanoTime(); before == null;) {
                try {
                    before = launcher.line();
                } catch (AssertionError notYet) {
                    assertThat(System.nanoTime() - begun).isLessThan(Duration.ofHours(2).toNanos());
                    assertThat(notYet).hasMessageStartingWith("no line in time");
                }
            }
            assertThat(launcher.line()).as("descriptors, threads and shared mappings").isEqualTo(before);
            assertThat(before).startsWith(Belongings.class.getSimpleName());
            assertThat(launcher.line()).isEqualTo("children: 0");
            int mappings = Integer.parseInt(launcher.line());
            long kibibytes = Long.parseLong(launcher.line());
            System.out.println(launcher.line());
            assertThat(mappings).as("mappings more").isLessThan(20);
            assertThat(kibibytes).as("KiB more").isLessThan(16 << 10);
            assertThat(launcher.status()).isZero();
        }
    }

    @Test
    void daemons_are_started_and_stopped_200_times_in_one_jvm() throws Exception {
        repeat(200);
    }

    @Tag("stress")
    @Test
    void daemons_are_started_and_stopped_20_000_times_in_one_jvm() throws Exception {
        repeat(20_000);
    }
}
