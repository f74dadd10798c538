package io.github.daemonsteps.testing;

import io.github.daemonsteps.ffm.NativePosix;
import io.github.daemonsteps.posix.PosixException;
import io.github.daemonsteps.posix.Processes;
import io.github.daemonsteps.process.Program;
import io.github.daemonsteps.procfs.ProcessStat;

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
        // Only a parent is notified of a stop, and that may be pid 1.
        Await.until(() -> living(pid).isStopped(), () -> "the program did not stop: " + ProcessStat.of(pid));
    }

    private static ProcessStat living(int pid) {
        return ProcessStat.of(pid).filter(stat -> !stat.hasEnded())
                .orElseThrow(() -> new AssertionError(pid + " has ended"));
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
