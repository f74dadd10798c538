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
 * The death of a launcher at some instant of its start, and perhaps of one of its processes with it.
 *
 * @param nanos the time after the first call
 * @param alsoForked the process that is killed too, if it exists: 0 for the forked process, 1 for its
 *        child; -1 for none
 * @param launcherFirst whether the launcher is killed first
 */
record RandomDeath(long nanos, int alsoForked, boolean launcherFirst) implements KilledLaunchers.Killer {

    /** The beginning of the text if a process was killed with the launcher. */
    static final String TOGETHER = "together";

    private static final int ONE_OF = 3;

    /** Draws a death within so many nanoseconds. In a third of them another process is killed, too. */
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

    /** Returns the child of a launcher and the child of that, if they exist. */
    private static List<Integer> forked(int launcher) throws IOException {
        List<Integer> forked = new ArrayList<>();
        for (int child : Processes.children(launcher)) {
            forked.add(child);
            forked.addAll(Processes.children(child));
        }
        return forked;
    }
}
