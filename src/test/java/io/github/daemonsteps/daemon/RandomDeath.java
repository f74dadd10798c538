package io.github.daemonsteps.daemon;

import io.github.daemonsteps.posix.Processes;
import io.github.daemonsteps.posix.Signal;
import io.github.daemonsteps.testing.ChildJvm;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;

/**
 * A launcher that dies at some instant of its start, and perhaps one of its processes with it.
 *
 * @param nanos how long after the first call
 * @param alsoForked who dies with it, of those that are there: 0 for the process that it has forked, 1 for the child of
 *        that; -1: nobody
 * @param launcherFirst whether it is the first of the two
 */
record RandomDeath(long nanos, int alsoForked, boolean launcherFirst) implements KilledLaunchers.Killer {

    /** Begins what is said if somebody has died with it. */
    static final String TOGETHER = "together";

    private static final int ONE_OF = 3;

    /** Within so many nanoseconds; in a third of them somebody dies with it. */
    static RandomDeath draw(Random random, long within) {
        boolean alone = random.nextInt(ONE_OF) > 0;
        return new RandomDeath((long) (random.nextDouble() * within), alone ? -1 : random.nextInt(2),
                random.nextBoolean());
    }

    @Override
    public String kill(ChildJvm launcher) throws Exception {
        LockSupport.parkNanos(nanos);
        List<Integer> dying = new ArrayList<>();
        List<Integer> forked = alsoForked < 0 ? List.of() : forked(launcher.pid());
        if (alsoForked >= 0 && forked.size() > alsoForked) {
            dying.add(forked.get(alsoForked));
        }
        dying.add(launcherFirst ? 0 : dying.size(), launcher.pid());
        dying.forEach(pid -> Processes.signal(pid, Signal.SIGKILL));
        launcher.kill();
        return (dying.size() > 1 ? TOGETHER : "alone") + ", " + this + ", " + dying + " of " + forked;
    }

    /** First the child of a launcher, then the child of that; as many as there are. */
    private static List<Integer> forked(int launcher) throws IOException {
        List<Integer> forked = new ArrayList<>();
        for (int child : Processes.children(launcher)) {
            forked.add(child);
            forked.addAll(Processes.children(child));
        }
        return forked;
    }
}
