package io.github.daemonsteps.posix;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Makes C calls in this process. Arguments and errno live in a confined arena of each exchange's own. */
final class NativeInvoker implements Invoker {

    /**
     * Functions that a signal may interrupt before they have done anything, and that are then simply made
     * again.
     */
    private static final Set<CFunction> RESTARTED =
            EnumSet.of(CFunction.OPEN, CFunction.READ, CFunction.WRITE,
                    CFunction.SEND, CFunction.WAITPID);

    private final Map<CFunction, MemorySegment> addresses = new EnumMap<>(CFunction.class);

    @Override
    @SuppressWarnings("MustBeClosedChecker") // the exchange closes it
    public Exchange begin() {
        return new InThisProcess(Arena.ofConfined());
    }

    private MemorySegment address(CFunction function) {
        synchronized (addresses) {
            return addresses.computeIfAbsent(function, CFunction::address);
        }
    }

    private final class InThisProcess implements Exchange {

        private final Arena arena;
        private final MemorySegment state;

        InThisProcess(Arena arena) {
            this.arena = arena;
            this.state = Downcall.state(arena);
        }

        @Override
        public MemorySegment allocate(long byteSize, long byteAlignment) {
            return arena.allocate(byteSize, byteAlignment);
        }

        @Override
        public void make(List<CCall> calls) {
            for (CCall call : calls) {
                make(call);
                if (call.failed()) {
                    return;
                }
            }
        }

        private void make(CCall call) {
            CFunction function = call.function();
            if (!function.allowedInLauncher()) {
                throw new AssertionError(function + " is for forked processes");
            }
            MemorySegment address = address(function);
            do {
                long register = Downcall.call(state, address, call.words());
                call.made(register, Downcall.errno(state));
            } while (call.failed() && call.errno() == Errno.EINTR.number() && RESTARTED.contains(function));
        }

        @Override
        public void close() {
            arena.close();
        }
    }
}
