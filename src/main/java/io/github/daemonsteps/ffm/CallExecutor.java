package io.github.daemonsteps.ffm;

import java.lang.foreign.SegmentAllocator;
import java.util.List;

/** An executor of C calls, in this process or in a forked one. */
public interface CallExecutor {

    /**
     * Begins a call, or a few calls that belong together. No call of another thread comes between until the
     * scope is closed.
     */
    CallScope begin();

    /** The memory for the arguments of the calls of one exchange, and the means to make the calls. */
    interface CallScope extends SegmentAllocator, AutoCloseable {

        /**
         * Makes these calls in order until one fails, and completes each call that was made with its result.
         */
        void execute(List<NativeCall> calls);

        /** Frees the memory. */
        @Override
        void close();
    }
}
