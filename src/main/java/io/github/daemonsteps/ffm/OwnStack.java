package io.github.daemonsteps.ffm;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A task on a thread with a stack of its own, for tasks that a {@link StackOverflowError} must not interrupt.
 * The caller waits for the end of the task. Neither the depth of the caller's stack nor {@code -Xss} matters
 * then. Code that creates a process, a descriptor or a file, and records the creation, runs on this stack.
 *
 * @param <T> the type of the result
 */
public final class OwnStack<T extends @Nullable Object> {

    /** The size of the stack: about ten times the stack that an interpreted start needs. */
    private static final long SIZE = 1 << 20;

    private final Supplier<T> task;
    private @Nullable T result;
    private @Nullable Throwable thrown;
    private volatile boolean done;

    private OwnStack(Supplier<T> task) {
        this.task = task;
    }

    /** A thread with a stack of this size. */
    private static final class OwnThread extends Thread {

        OwnThread(Runnable task) {
            super(null, task, "daemon-steps", SIZE);
        }
    }

    /**
     * Runs a task and returns its result, or throws the very object that the task throws. The task runs on
     * the calling thread if that thread already has such a stack. The same holds if the system cannot create
     * another thread. An interruption of the caller does not shorten the wait; the interrupt status is kept.
     */
    @SuppressWarnings("NullAway") // the result is set unless the task threw
    public static <T extends @Nullable Object> T call(Supplier<T> task) {
        if (Thread.currentThread() instanceof OwnThread) {
            return task.get();
        }
        var running = new OwnStack<T>(task);
        var thread = new OwnThread(running::run);
        try {
            thread.start();
        } catch (OutOfMemoryError e) { // the system has no thread left
            return task.get();
        }
        // The task has started, so the caller must not return before its end. The wait must not need more of
        // the caller's stack than start() did.
        boolean interrupted = false;
        while (!running.done) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            } catch (StackOverflowError e) {
                // The loop goes on, since reading a field needs no frame.
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        if (running.thrown instanceof Error error) {
            throw error;
        }
        if (running.thrown instanceof RuntimeException exception) {
            throw exception;
        }
        return running.result;
    }

    /** Runs a task that has no result. */
    public static void run(Runnable task) {
        OwnStack.<@Nullable Object>call(() -> {
            task.run();
            return null;
        });
    }

    private void run() {
        try {
            result = task.get();
        } catch (Throwable e) { // the caller throws it
            thrown = e;
        } finally {
            done = true;
        }
    }
}
