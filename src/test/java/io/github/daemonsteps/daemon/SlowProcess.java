package io.github.daemonsteps.daemon;

import io.github.daemonsteps.posix.Processes;
import io.github.daemonsteps.posix.Signal;
import io.github.daemonsteps.procfs.ProcessStat;
import io.github.daemonsteps.testing.ChildJvm;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Stops a process for the calling thread, and continues it as soon as that thread waits: a machine so slow
 * that each answer is late.
 */
final class SlowProcess implements AutoCloseable {

    private @Nullable Thread waker;
    private volatile boolean over;

    /** Stops the process, if it has not ended. */
    void stop(int pid) {
        Processes.signal(pid, Signal.SIGSTOP);
        // Only a parent is notified of a stop, and that may be the session leader.
        await(() -> Processes.hasEnded(pid)
                || ProcessStat.of(pid).filter(stat -> stat.state() == 'T').isPresent());
        Path thread = thisThread();
        waker = Thread.ofPlatform().start(() -> {
            try {
                await(() -> over || ProcessStat.read(thread.resolve("stat")).map(stat -> stat.state() == 'S')
                        .orElse(true)); // the thread has ended
            } finally {
                Processes.signal(pid, Signal.SIGCONT);
            }
        });
    }

    private static Path thisThread() {
        try {
            return Path.of("/proc").resolve(Files.readSymbolicLink(Path.of("/proc/thread-self")));
        } catch (IOException noProc) {
            throw new UncheckedIOException(noProc);
        }
    }

    private interface Condition {
        boolean holds();
    }

    private static void await(Condition condition) {
        long until = System.nanoTime() + ChildJvm.DEADLINE.toNanos();
        while (!condition.holds()) {
            if (System.nanoTime() - until > 0) {
                throw new AssertionError("it does not come to it");
            }
            LockSupport.parkNanos(100_000);
        }
    }

    /** Continues the process in any case. */
    @Override
    public void close() throws InterruptedException {
        over = true;
        if (waker != null) {
            waker.join();
        }
    }
}
