package io.github.daemonsteps.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daemonsteps.daemon.DisturbedStart.Victim;
import io.github.daemonsteps.daemon.StartWithFaults.Kind;
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
 * A participant of a start is killed or stopped at the boundaries of all calls: the launcher, the session leader or the process that
 * becomes the daemon. Afterwards nothing is left, or a proper daemon with a truthful pid file.
 */
class KillMatrixIT {

    /** A request has 8 boundaries. A stride that has no divisor in common with 8 reaches each of them in turn. */
    private static final int STRIDE = 7;

    /** The stride for the daemons of another user, and for SIGSTOP. */
    private static final int LONG_STRIDE = 13;

    /** The reason of a failed start whose process was killed. */
    private static final String KILLED =
            ".*(the forked process \\d+ (has ended|was (ended|killed) by SIGKILL)|"
                    + "killed by signal 9 \\(SIGKILL\\)|"
                    + ": process \\d+ acquired the lock, and does not hold it any more).*";

    /** The seed of the random deaths, which are the same in each run. */
    private static final long SEED = 1;

    @TempDir
    private Path directory;

    private static void assumeRoot() {
        Assumptions.assumeTrue(DropPrivileges.isPermitted(), "only root can start daemons as another user");
    }

    private static List<Integer> everyOf(int boundaries, int stride) {
        return IntStream.iterate(0, boundary -> boundary < boundaries, boundary -> boundary + stride).boxed()
                .toList();
    }

    private static String of(String user) {
        return user.isEmpty() ? "" : " of a daemon of " + user;
    }

    private void killLaunchers(Kind kind, String user, int stride) throws Exception {
        var launchers = new KilledLaunchers(kind, directory, user);
        int boundaries = launchers.undisturbed().boundaries();
        List<Integer> tried = everyOf(boundaries, stride);
        launchers.killAt(tried);
        System.out.println("launcher killed" + of(user) + ": " + boundaries + " boundaries, " + tried.size()
                + " tried: " + launchers.count(Aftermath.NOTHING) + " nothing left, "
                + launchers.count(Aftermath.WHOLE_DAEMON) + " proper daemons");
        assertThat(launchers.wrong()).isEmpty();
        assertThat(launchers.count(Aftermath.DEAD_PID_FILE)).isZero();
        assertThat(launchers.count(Aftermath.NOTHING)).isPositive();
        assertThat(launchers.count(Aftermath.WHOLE_DAEMON)).isPositive();
    }

    @Test
    void launcher_killed_at_boundaries_leaves_nothing_or_proper_daemon() throws Exception {
        killLaunchers(Kind.NEWLINE, "", STRIDE);
    }

    @Test
    void launcher_killed_at_boundaries_leaves_nothing_or_proper_daemon_of_other_user() throws Exception {
        assumeRoot();
        killLaunchers(Kind.RUNNING, "nobody", LONG_STRIDE);
    }

    @Tag("stress")
    @ParameterizedTest
    @EnumSource(value = Kind.class, mode = EnumSource.Mode.EXCLUDE, names = "ENDING")
    void launcher_killed_at_every_boundary_leaves_nothing_or_proper_daemon(Kind kind) throws Exception {
        killLaunchers(kind, "", 1);
    }

    @Tag("stress")
    @Test
    void launcher_killed_at_every_boundary_leaves_nothing_or_proper_daemon_of_other_user() throws Exception {
        assumeRoot();
        killLaunchers(Kind.RUNNING, "nobody", 1);
    }

    private void killAtRandom(int times, long seed) throws Exception {
        var launchers = new KilledLaunchers(Kind.NEWLINE, directory, "");
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
        System.out.println("random deaths: " + times + ", " + together + " together with a forked process: "
                + launchers.count(Aftermath.NOTHING) + " nothing left, "
                + launchers.count(Aftermath.WHOLE_DAEMON) + " proper daemons, "
                + launchers.count(Aftermath.DEAD_PID_FILE) + " dead pid files");
        assertThat(launchers.wrong()).isEmpty();
        assertThat(launchers.count(Aftermath.NOTHING)).isPositive();
    }

    @Test
    void launcher_killed_30_times_at_random_leaves_nothing_or_proper_daemon() throws Exception {
        killAtRandom(30, SEED);
    }

    @Tag("stress")
    @Test
    void launcher_killed_1_000_times_at_random_leaves_nothing_or_proper_daemon() throws Exception {
        killAtRandom(1_000, System.nanoTime());
    }

    private interface Check {
        /** Starts a daemon that is disturbed at this boundary, and throws if the outcome is wrong. */
        void at(int boundary) throws Exception;
    }

    private static int boundaries(StartWithFaults start) throws Exception {
        for (int i = 0;; i++) {
            var undisturbed = new DisturbedStart(start, -1, Victim.CHILD, _ -> {
            });
            assertThat(undisturbed.run()).isEqualTo(Aftermath.WHOLE_DAEMON);
            if (i == 1) { // the first start makes more calls: it links functions
                return undisturbed.boundaries();
            }
        }
    }

    private static void sweep(StartWithFaults start, Victim victim, int stride, Check check)
            throws Exception {
        int boundaries = boundaries(start);
        System.out.println(
                "sweep of " + victim + ": " + boundaries + " boundaries, one of " + stride + " is tried");
        List<String> wrong = new ArrayList<>();
        for (int boundary : everyOf(boundaries, stride)) {
            try {
                check.at(boundary);
            } catch (AssertionError e) {
                wrong.add(boundary + ": " + e.getMessage());
            }
        }
        assertThat(wrong).isEmpty();
    }

    private void killForked(Kind kind, String user, Victim victim, int stride) throws Exception {
        var start = new StartWithFaults(kind, directory, user);
        Map<Aftermath, Integer> tally = new EnumMap<>(Aftermath.class);
        sweep(start, victim, stride, boundary -> {
            var disturbed = new DisturbedStart(start, boundary, victim, Processes::kill);
            Aftermath aftermath = disturbed.run();
            checkResult(disturbed, aftermath);
            if (disturbed.isHit()) {
                tally.merge(aftermath, 1, Integer::sum);
            }
        });
        System.out.println("killed " + victim + of(user) + ": " + tally);
        assertThat(tally).containsKey(Aftermath.NOTHING)
                .containsKey(victim == Victim.CHILD ? Aftermath.DEAD_PID_FILE : Aftermath.WHOLE_DAEMON);
    }

    private static void checkResult(DisturbedStart disturbed, Aftermath aftermath) {
        switch (disturbed.result()) {
            case StartResult.Failed failed -> {
                assertThat(aftermath).as(failed.message()).isEqualTo(Aftermath.NOTHING);
                assertThat(failed.reason()).matches(KILLED);
            }
            // The pid file of a daemon that was killed after it was ready stays.
            case StartResult.Started started -> assertThat(aftermath).as(started.message()).isIn(
                    Aftermath.WHOLE_DAEMON,
                    disturbed.isHitReady() ? Aftermath.DEAD_PID_FILE : Aftermath.WHOLE_DAEMON);
            case StartResult.AlreadyRunning running -> throw new AssertionError(running.message());
        }
    }

    private void stopForked(Kind kind, String user, Victim victim, int stride) throws Exception {
        var start = new StartWithFaults(kind, directory, user);
        var stops = new AtomicInteger();
        sweep(start, victim, stride, boundary -> {
            try (var slow = new SlowProcess()) {
                var disturbed = new DisturbedStart(start, boundary, victim, slow::stop);
                Aftermath aftermath = disturbed.run();
                assertThat(disturbed.result()).isInstanceOf(StartResult.Started.class);
                assertThat(aftermath).isEqualTo(Aftermath.WHOLE_DAEMON);
                stops.addAndGet(disturbed.isHit() ? 1 : 0);
            }
        });
        System.out.println("stopped " + victim + of(user) + ": " + stops + " times, each a proper daemon");
        assertThat(stops).hasPositiveValue();
    }

    @ParameterizedTest
    @EnumSource
    void forked_process_killed_at_boundaries_fails_start_or_leaves_proper_daemon(Victim victim)
            throws Exception {
        killForked(Kind.RUNNING, "", victim, STRIDE);
    }

    @ParameterizedTest
    @EnumSource
    void forked_process_killed_at_boundaries_of_a_start_with_sockets_leaves_no_process(Victim victim)
            throws Exception {
        killForked(Kind.LISTENING, "", victim, LONG_STRIDE);
    }

    @Test
    void launcher_killed_at_boundaries_of_a_start_with_sockets_leaves_no_process() throws Exception {
        killLaunchers(Kind.LISTENING, "", LONG_STRIDE);
    }

    @ParameterizedTest
    @EnumSource
    void forked_process_stopped_at_boundaries_is_awaited(Victim victim) throws Exception {
        stopForked(victim == Victim.CHILD ? Kind.NEWLINE : Kind.RUNNING, "", victim, LONG_STRIDE);
    }

    @Tag("stress")
    @ParameterizedTest
    @EnumSource
    void forked_process_killed_at_every_boundary_fails_start_or_leaves_proper_daemon(Victim victim)
            throws Exception {
        killForked(Kind.RUNNING, "", victim, 1);
    }

    @Tag("stress")
    @ParameterizedTest
    @EnumSource
    void forked_process_killed_at_every_boundary_fails_start_or_leaves_proper_daemon_of_other_user(
            Victim victim) throws Exception {
        assumeRoot();
        killForked(Kind.RUNNING, "nobody", victim, 1);
    }

    @Tag("stress")
    @ParameterizedTest
    @EnumSource
    void forked_process_stopped_at_every_boundary_is_awaited(Victim victim) throws Exception {
        stopForked(Kind.RUNNING, "", victim, 1);
    }

    @Tag("stress")
    @ParameterizedTest
    @EnumSource
    void forked_process_stopped_at_every_boundary_of_daemon_of_other_user_is_awaited(Victim victim)
            throws Exception {
        assumeRoot();
        stopForked(Kind.RUNNING, "nobody", victim, 1);
    }
}
