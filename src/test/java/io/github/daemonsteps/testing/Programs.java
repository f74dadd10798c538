package io.github.daemonsteps.testing;

import io.github.daemonsteps.ffm.NativePosix;
import io.github.daemonsteps.posix.PosixException;
import io.github.daemonsteps.posix.Processes;
import io.github.daemonsteps.process.Program;
import io.github.daemonsteps.procfs.ProcessStat;
import java.util.concurrent.locks.LockSupport;

/** Programs that forked processes execute in these tests. */
public final class Programs {

    private Programs() {
    }

    /**
     * A program that stops itself after its start. From then on it opens and closes nothing. Of a {@code
     * sleep} it is not known whether it still loads its libraries.
     */
    public static Program stopsItself() {
        return Program.of("/bin/sh", "-c", "kill -STOP $$");
    }

    /** Waits until {@link #stopsItself} has stopped. */
    public static void awaitStopped(int pid) {
        long deadline = System.nanoTime() + ChildJvm.DEADLINE.toNanos();
        while (ProcessStat.of(pid).orElseThrow(() -> new AssertionError(pid + " has ended")).state() != 'T') {
            if (Processes.hasEnded(pid) || System.nanoTime() - deadline > 0) {
                throw new AssertionError("the program did not stop: " + ProcessStat.of(pid));
            }
            LockSupport.parkNanos(1_000_000); // only a parent is notified of a stop, and that may be pid 1
        }
    }

    /** Kills a program, and reaps it if it is a child of this process. */
    public static void end(int pid) {
        Processes.kill(pid);
        try {
            NativePosix.get().waitpid(pid);
        } catch (PosixException other) {
            // not a child of this process: its parent reaps it
        }
    }
}
