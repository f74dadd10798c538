package io.github.daemonsteps.testing;

import io.github.daemonsteps.ffm.NativePosix;
import io.github.daemonsteps.posix.PosixException;
import io.github.daemonsteps.posix.Processes;
import io.github.daemonsteps.process.Program;
import io.github.daemonsteps.procfs.ProcessStat;
import java.util.concurrent.locks.LockSupport;

/** Programs that forked processes become in these tests. */
public final class Programs {

    private Programs() {
    }

    /**
     * A program that has come to rest once it is stopped: from then on it opens and closes nothing. A {@code sleep} would do as well,
     * but there is no telling whether it still loads its libraries.
     */
    public static Program stopsItself() {
        return Program.of("/bin/sh", "-c", "kill -STOP $$");
    }

    /** Waits until {@link #stopsItself} has. */
    public static void awaitStopped(int pid) {
        long deadline = System.nanoTime() + ChildJvm.DEADLINE.toNanos();
        while (ProcessStat.of(pid).orElseThrow(() -> new AssertionError(pid + " has ended")).state() != 'T') {
            if (Processes.hasEnded(pid) || System.nanoTime() - deadline > 0) {
                throw new AssertionError("the program did not stop: " + ProcessStat.of(pid));
            }
            LockSupport.parkNanos(1_000_000); // only a parent is told of a stop, and that may be pid 1
        }
    }

    /** Ends a program, and reaps it if it is a child of this process. */
    public static void end(int pid) {
        Processes.kill(pid);
        try {
            NativePosix.get().waitpid(pid);
        } catch (PosixException other) {
            // no child of ours: its parent reaps it
        }
    }
}
