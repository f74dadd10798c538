package io.github.daemonsteps.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daemonsteps.daemon.SweptProcess.Whom;
import io.github.daemonsteps.posix.Processes;
import io.github.daemonsteps.steps.extra.DropPrivileges;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What {@link SweepIT} shows of requests, at each boundary of any call, the launcher's own among them, and at each for itself;
 * of a daemon that is another user; and of a launcher that does not die alone. Nothing is left, or a whole daemon.
 */
class BoundariesIT {

    /** One boundary of so many is tried where it takes a JVM. A request has 8, and each of them is to have its turn. */
    private static final int FEW = 13;

    /** The same where it takes none. */
    private static final int MORE = 11;

    /** What a start says whose process was killed. */
    private static final String SAYS_SO = ".*(the forked process \\d+ (has ended|was ended by SIGKILL)|"
            + "it died with signal 9 \\(SIGKILL\\)| is not held by process \\d+).*";

    /** Of the random deaths that are the same in every run. */
    private static final long KEPT_SEED = 1;

    @TempDir
    private Path directory;

    private static void assumeRoot() {
        Assumptions.assumeTrue(DropPrivileges.isPermitted(), "only root can start daemons as another user");
    }

    /** Every so many-th boundary of a start is tried. */
    private static List<Integer> everyOf(int boundaries, int stride) {
        return IntStream.iterate(0, boundary -> boundary < boundaries, boundary -> boundary + stride).boxed()
                .toList();
    }

    private void killLaunchersAtBoundaries(String user, int stride) throws Exception {
        var launchers = new KilledLaunchers(directory, user);
        int boundaries = launchers.undisturbed().boundaries();
        List<Integer> tried = everyOf(boundaries, stride);
        launchers.killAt(tried);
        System.out.println("sweep" + (user.isEmpty() ? "" : " as " + user) + ": " + boundaries
                + " boundaries, " + tried.size() + " tried: " + launchers.count(Aftermath.NOTHING)
                + " nothing left, " + launchers.count(Aftermath.WHOLE_DAEMON) + " whole daemons");
        assertThat(launchers.wrong()).isEmpty();
        assertThat(launchers.count(Aftermath.DEAD_PID_FILE)).isZero();
        assertThat(launchers.count(Aftermath.NOTHING)).isPositive();
        assertThat(launchers.count(Aftermath.WHOLE_DAEMON)).isPositive();
    }

    @Test
    void a_launcher_that_is_killed_at_a_boundary_leaves_nothing_or_a_whole_daemon() throws Exception {
        killLaunchersAtBoundaries("", FEW);
    }

    @Test
    void the_same_if_the_daemon_is_another_user() throws Exception {
        assumeRoot();
        killLaunchersAtBoundaries("nobody", FEW);
    }

    @Tag("stress")
    @Test
    void a_launcher_that_is_killed_at_any_boundary_leaves_nothing_or_a_whole_daemon() throws Exception {
        killLaunchersAtBoundaries("", 1);
    }

    @Tag("stress")
    @Test
    void the_same_at_any_boundary_if_the_daemon_is_another_user() throws Exception {
        assumeRoot();
        killLaunchersAtBoundaries("nobody", 1);
    }

    private void killAtRandom(int times, long seed) throws Exception {
        var launchers = new KilledLaunchers(directory, "");
        long nanos = launchers.undisturbed().nanos();
        System.out.println("random deaths: seed " + seed + ", within " + nanos / 1_000_000 + " ms");
        var random = new Random(seed);
        List<RandomDeath> deaths = new ArrayList<>();
        for (int i = 0; i < times; i++) {
            deaths.add(RandomDeath.draw(random, nanos));
        }
        var together = new AtomicInteger();
        launchers.kill(deaths.stream().map(death -> (KilledLaunchers.Killer) launcher -> {
            String how = death.kill(launcher);
            together.addAndGet(how.startsWith(RandomDeath.TOGETHER) ? 1 : 0);
            return how;
        }).toList());
        System.out.println(
                "random deaths: " + times + ", " + together + " together with a forked process: "
                        + launchers.count(Aftermath.NOTHING) + " nothing left, "
                        + launchers.count(Aftermath.WHOLE_DAEMON) + " whole daemons, "
                        + launchers.count(Aftermath.DEAD_PID_FILE) + " dead pid files");
        assertThat(launchers.wrong()).isEmpty();
    }

    @Test
    void launchers_that_are_killed_at_random_leave_nothing_between() throws Exception {
        killAtRandom(30, KEPT_SEED);
    }

    @Tag("stress")
    @Test
    void launchers_that_are_killed_at_random_leave_nothing_between_1_000_times() throws Exception {
        killAtRandom(1_000, System.nanoTime());
    }

    private interface Sweep {
        /** Of one boundary. Fails if it goes wrong. */
        void of(int boundary) throws Exception;
    }

    private int boundaries(SweptStart start) throws Exception {
        for (int i = 0;; i++) {
            var undisturbed = new SweptProcess(start, -1, Whom.CHILD, _ -> {
            });
            assertThat(undisturbed.run()).isEqualTo(Aftermath.WHOLE_DAEMON);
            if (i == 1) { // what is linked at the first time makes calls of its own
                return undisturbed.boundaries();
            }
        }
    }

    private void sweep(SweptStart start, Whom whom, int stride, Sweep sweep) throws Exception {
        int boundaries = boundaries(start);
        System.out.println("sweep of " + whom + ": " + boundaries + " boundaries, one of " + stride);
        List<String> wrong = new ArrayList<>();
        for (int boundary : everyOf(boundaries, stride)) {
            try {
                sweep.of(boundary);
            } catch (AssertionError failed) {
                wrong.add(boundary + ": " + failed.getMessage());
            }
        }
        assertThat(wrong).isEmpty();
    }

    private void killForked(String user, Whom whom, int stride) throws Exception {
        var start = new SweptStart(directory, user);
        Map<Aftermath, Integer> tally = new EnumMap<>(Aftermath.class);
        sweep(start, whom, stride, boundary -> {
            var process = new SweptProcess(start, boundary, whom, Processes::kill);
            Aftermath aftermath = process.run();
            checkSays(process, aftermath);
            if (process.isHit()) {
                tally.merge(aftermath, 1, Integer::sum);
            }
        });
        System.out.println("killed " + whom + (user.isEmpty() ? "" : " as " + user) + ": " + tally);
        assertThat(tally).containsKey(Aftermath.NOTHING)
                .containsKey(whom == Whom.CHILD ? Aftermath.DEAD_PID_FILE : Aftermath.WHOLE_DAEMON);
    }

    private static void checkSays(SweptProcess process, Aftermath aftermath) {
        switch (process.result()) {
            case StartResult.Failed failed -> {
                assertThat(aftermath).as(failed.message()).isEqualTo(Aftermath.NOTHING);
                assertThat(failed.reason()).matches(SAYS_SO);
            }
            // Of a daemon that is killed when it is ready there is a pid file.
            case StartResult.Started started -> assertThat(aftermath).as(started.message()).isIn(
                    Aftermath.WHOLE_DAEMON,
                    process.isHitReady() ? Aftermath.DEAD_PID_FILE : Aftermath.WHOLE_DAEMON);
            case StartResult.AlreadyRunning running -> throw new AssertionError(running.message());
        }
    }

    private void stopForked(String user, Whom whom, int stride) throws Exception {
        var start = new SweptStart(directory, user);
        var stops = new AtomicInteger();
        sweep(start, whom, stride, boundary -> {
            try (var slow = new SlowProcess()) {
                var process = new SweptProcess(start, boundary, whom, slow::stop);
                Aftermath aftermath = process.run();
                assertThat(process.result()).isInstanceOf(StartResult.Started.class);
                assertThat(aftermath).isEqualTo(Aftermath.WHOLE_DAEMON);
                stops.addAndGet(process.isHit() ? 1 : 0);
            }
        });
        System.out.println("stopped " + whom + (user.isEmpty() ? "" : " as " + user) + ": " + stops
                + " times, and as many whole daemons");
        assertThat(stops).hasPositiveValue();
    }

    @ParameterizedTest
    @EnumSource
    void a_forked_process_that_is_killed_at_a_boundary_fails_the_start_or_leaves_a_whole_daemon(Whom whom)
            throws Exception {
        killForked("", whom, MORE);
    }

    @ParameterizedTest
    @EnumSource
    void a_forked_process_that_is_stopped_at_a_boundary_is_awaited(Whom whom) throws Exception {
        stopForked("", whom, MORE);
    }

    @Tag("stress")
    @ParameterizedTest
    @EnumSource
    void a_forked_process_can_be_killed_at_any_boundary(Whom whom) throws Exception {
        killForked("", whom, 1);
    }

    @Tag("stress")
    @ParameterizedTest
    @EnumSource
    void a_forked_process_can_be_killed_at_any_boundary_if_the_daemon_is_another_user(Whom whom)
            throws Exception {
        assumeRoot();
        killForked("nobody", whom, 1);
    }

    @Tag("stress")
    @ParameterizedTest
    @EnumSource
    void a_forked_process_can_be_stopped_at_any_boundary(Whom whom) throws Exception {
        stopForked("", whom, 1);
    }

    @Tag("stress")
    @ParameterizedTest
    @EnumSource
    void a_forked_process_can_be_stopped_at_any_boundary_if_the_daemon_is_another_user(Whom whom)
            throws Exception {
        assumeRoot();
        stopForked("nobody", whom, 1);
    }
}
