package io.github.daemonsteps.ffm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OwnStackTest {

    @Test
    void result_is_that_of_the_task_on_another_thread() throws Exception {
        Thread thread = OwnStack.call(Thread::currentThread);
        assertThat(thread).isNotSameAs(Thread.currentThread());
        assertThat(thread.join(Duration.ofSeconds(10))).as("the thread ends").isTrue();
    }

    @Test
    void task_within_a_task_stays_on_its_thread() {
        OwnStack.run(() -> {
            Thread outer = Thread.currentThread();
            assertThat(OwnStack.<Thread>call(Thread::currentThread)).isSameAs(outer);
        });
    }

    @Test
    void error_and_exception_reach_the_caller_as_they_are() {
        for (Throwable thrown : new Throwable[]{new StackOverflowError("s"), new OutOfMemoryError("m"),
            new IllegalStateException("i")}) {
            assertThatThrownBy(() -> OwnStack.run(() -> {
                if (thrown instanceof Error error) {
                    throw error;
                }
                throw (RuntimeException) thrown;
            })).isSameAs(thrown);
        }
    }

    @Test
    void interruption_of_the_caller_does_not_end_the_wait_and_is_kept() throws Exception {
        var begun = new CountDownLatch(1);
        var goOn = new CountDownLatch(1);
        var seen = new AtomicReference<String>();
        var caller = new Thread(() -> {
            String result = OwnStack.call(() -> {
                begun.countDown();
                await(goOn);
                return "whole";
            });
            seen.set(result + " " + Thread.currentThread().isInterrupted());
        });
        caller.start();
        begun.await();
        caller.interrupt();
        goOn.countDown();
        caller.join();
        assertThat(seen).hasValue("whole true");
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException unexpected) {
            throw new IllegalStateException(unexpected);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {160 << 10, 1 << 20})
    void task_runs_whole_or_not_at_all_at_any_stack_depth(long stack) throws Exception {
        var failed = new AtomicReference<Throwable>();
        var thread = new Thread(null, () -> {
            try {
                int deepest = depth();
                int done = 0;
                for (int depth = Math.max(0, deepest - 400); depth <= deepest; depth++) {
                    int[] runs = {0};
                    try {
                        String result = at(depth, () -> OwnStack.call(() -> {
                            runs[0]++;
                            return "done";
                        }));
                        assertThat(result).isEqualTo("done");
                        assertThat(runs[0]).isEqualTo(1);
                        done++;
                    } catch (StackOverflowError tooDeep) {
                        assertThat(runs[0]).isZero();
                    }
                }
                assertThat(done).isPositive();
            } catch (Throwable any) {
                failed.set(any);
            }
        }, "deep", stack);
        thread.start();
        thread.join();
        assertThat(failed.get()).isNull();
    }

    private static int depth() {
        int[] depth = {0};
        try {
            descend(depth);
        } catch (StackOverflowError end) {
            // the end of the stack
        }
        return depth[0];
    }

    @SuppressWarnings("InfiniteRecursion") // until the end of the stack
    private static void descend(int[] depth) {
        depth[0]++;
        descend(depth);
    }

    private static <T> T at(int depth, Supplier<T> task) {
        return depth == 0 ? task.get() : at(depth - 1, task);
    }
}
