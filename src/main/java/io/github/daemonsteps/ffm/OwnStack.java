package io.github.daemonsteps.ffm;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A task on a thread with a stack of its own, for tasks that a {@link StackOverflowError} must not interrupt.
 * The caller waits for the end of the task. Neither the depth of the caller's stack nor {@code -Xss} matters
 * then. Code that creates a process, a descriptor or a file, and records the creation, runs on this stack.
 */
public final class OwnStack {

    /** The size of the stack: about ten times the stack that an interpreted start needs. */
    private static final long SIZE = 1 << 20;

    private OwnStack() {
    }

    /**
     * A thread with a stack of this size, that runs a task.
     *
     * @param <T> the type of the result
     */
    private static final class OwnThread<T extends @Nullable Object> extends Thread {

        private final Supplier<T> task;
        private @Nullable T result;
        private @Nullable Throwable thrown;
        private volatile boolean done;

        OwnThread(Supplier<T> task) {
            super(null, null, "daemon-steps", SIZE);
            this.task = task;
        }

        @Override
        public void run() {
            try {
                result = task.get();
            } catch (Throwable e) { // the caller throws it
                thrown = e;
            } finally {
                done = true;
            }
        }
    }

    /**
     * Runs a task and returns its result, or throws the very object that the task throws. The task runs on
     * the calling thread if that thread already has such a stack. The same holds if the system cannot create
     * another thread. An interruption of the caller does not shorten the wait; the interrupt status is kept.
     */
    @SuppressWarnings("NullAway") // the result is set unless the task threw
    public static <T extends @Nullable Object> T call(Supplier<T> task) {
        if (isCurrent()) {
            return task.get();
        }
        var thread = new OwnThread<T>(task);
        try {
            thread.start();
        } catch (OutOfMemoryError e) { // the system has no thread left
            return task.get();
        }
        // The task has started, so the caller must not return before its end. The wait must not need more of
        // the caller's stack than start() did.
        boolean interrupted = false;
        while (!thread.done) {
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
        if (thread.thrown instanceof Error error) {
            throw error;
        }
        if (thread.thrown instanceof RuntimeException exception) {
            throw exception;
        }
        return thread.result;
    }

    /** Runs a task that has no result. */
    public static void run(Runnable task) {
        if (isCurrent()) {
            task.run();
            return;
        }
        OwnStack.<@Nullable Object>call(() -> {
            task.run();
            return null;
        });
    }

    private static boolean isCurrent() {
        return Thread.currentThread() instanceof OwnThread;
    }
}
