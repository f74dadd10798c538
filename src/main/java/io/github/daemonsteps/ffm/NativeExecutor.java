package io.github.daemonsteps.ffm;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * The executor of C calls in this process. Each exchange keeps its arguments and errno in a confined arena of
 * its own.
 */
public final class NativeExecutor implements CallExecutor {

    private final Map<CFunction, MemorySegment> addresses = new EnumMap<>(CFunction.class);

    @Override
    @SuppressWarnings("MustBeClosedChecker") // the exchange closes it
    public CallScope begin() {
        return new InThisProcess(Arena.ofConfined());
    }

    private MemorySegment address(CFunction function) {
        synchronized (addresses) {
            MemorySegment address = addresses.get(function);
            if (address == null) {
                address = function.address();
                addresses.put(function, address);
            }
            return address;
        }
    }

    private final class InThisProcess implements CallScope {

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
        public void execute(List<NativeCall> calls) {
            for (NativeCall call : calls) {
                execute(call);
                if (call.failed()) {
                    return;
                }
            }
        }

        private void execute(NativeCall call) {
            MemorySegment code = call.code();
            if (code != null) {
                int pid = (int) Downcall.call(state, code, call.words());
                call.complete(Math.max(pid, -1), Math.max(-pid, 0));
                return;
            }
            CFunction function = call.function();
            if (!function.allowedInLauncher()) {
                throw new AssertionError(function + " is for forked processes");
            }
            long register = Downcall.call(state, address(function), call.words());
            call.complete(register, Downcall.errno(state));
        }

        @Override
        public void close() {
            arena.close();
        }
    }
}
