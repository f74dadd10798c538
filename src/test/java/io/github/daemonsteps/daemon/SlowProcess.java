package io.github.daemonsteps.daemon;

import io.github.daemonsteps.posix.Processes;
import io.github.daemonsteps.posix.Signal;
import io.github.daemonsteps.procfs.ProcessStat;
import io.github.daemonsteps.testing.Await;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
        Await.until(() -> Processes.hasEnded(pid)
                || ProcessStat.of(pid).filter(ProcessStat::isStopped).isPresent());
        Path thread = thisThread();
        waker = Thread.ofPlatform().start(() -> {
            try {
                Await.until(() -> over
                        || ProcessStat.read(thread.resolve("stat")).map(stat -> stat.state() == 'S')
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

    /** Continues the process in any case. */
    @Override
    public void close() throws InterruptedException {
        over = true;
        if (waker != null) {
            waker.join();
        }
    }
}
