package io.github.daemonsteps.ffm;

import java.lang.foreign.SegmentAllocator;
import java.util.List;

/** Where C calls are made: in this process, or in a forked one. */
public interface CallExecutor {

    /** Begins a call, or a few that go together. Nobody else's come between until it is closed. */
    CallScope begin();

    /** Memory for the arguments of the calls of one exchange, and the means to make them. */
    interface CallScope extends SegmentAllocator, AutoCloseable {

        /** Makes these calls in order until one fails, and leaves in each that was made how it went. */
        void make(List<NativeCall> calls);

        /** Frees the memory. */
        @Override
        void close();
    }
}
