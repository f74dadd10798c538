package io.github.daemonsteps.ffm;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;

/**
 * The only path from Java into C. The arguments are a function's address and six words, and the result is one
 * word.
 *
 * <p>The calling conventions are those of x86-64 (System V) and aarch64 (AAPCS64). Both pass the first six
 * integers and pointers in registers, and an int in the lower half of one. Both let a caller fill registers
 * that the function does not read. So one method handle can call every {@link CFunction}. A downcall in this
 * process therefore has the same form as a request to a forked one. Linking costs milliseconds for each form
 * of call. Linking one form takes half the time of linking the dozen forms that a start needs;
 * bench/README.md has the figures.
 *
 * <p>The call itself captures errno into memory of its caller, so no other call can come between.
 */
final class Downcall {

    private static final StructLayout STATE = Linker.Option.captureStateLayout();
    private static final long ERRNO = StructOffset.of(STATE, "errno");

    /**
     * The downcall, variadic after the sixth word: x86-64 then tells the function that no vector register is
     * in use.
     */
    private static final MethodHandle CALL = Linker.nativeLinker()
            .downcallHandle(
                    FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG,
                            JAVA_LONG),
                    Linker.Option.captureCallState("errno"), Linker.Option.firstVariadicArg(6));

    private Downcall() {
    }

    /** Returns memory for the state of one call. */
    static MemorySegment state(SegmentAllocator memory) {
        return memory.allocate(STATE);
    }

    /**
     * Returns errno as the last call with this state left it. The value is valid only if that call failed.
     */
    static int errno(MemorySegment state) {
        return state.get(JAVA_INT, ERRNO);
    }

    /** Calls {@code function} with six words. Returns the whole result register. */
    static long call(MemorySegment state, MemorySegment function, long[] words) {
        try {
            return (long) CALL.invokeExact(function, state, words[0], words[1], words[2], words[3], words[4],
                    words[5]);
        } catch (RuntimeException | Error e) { // thrown for the stack or memory of the call
            throw e;
        } catch (Throwable e) {
            throw new AssertionError("a downcall throws no checked exception", e);
        }
    }
}
