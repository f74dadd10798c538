package io.github.daemonsteps.ffm;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;

/**
 * The one way from Java into C: a function's address and six words, and back comes a word.
 *
 * <p>The calling conventions of x86-64 (System V) and aarch64 (AAPCS64) pass the first six integers and
 * pointers in registers, an int in the lower half of one, and let a caller fill registers that the function
 * does not look at. So one method handle can call every {@link CFunction}, and a downcall in this process has
 * the very form of a request to a forked one. Linking costs milliseconds for each form of call: one form is
 * linked in half the time of the dozen that a start needs (the figures stand in
 * docs/why-no-java-after-fork.md).
 *
 * <p>errno is captured by the call itself, into memory of its caller: no other call can come between.
 */
final class Downcall {

    private static final StructLayout STATE = Linker.Option.captureStateLayout();
    private static final long ERRNO = STATE.byteOffset(PathElement.groupElement("errno"));

    /** Variadic behind the sixth word: x86-64 then tells the function that no vector register is in use. */
    private static final MethodHandle CALL = Linker.nativeLinker()
            .downcallHandle(
                    FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG,
                            JAVA_LONG),
                    Linker.Option.captureCallState("errno"), Linker.Option.firstVariadicArg(6));

    private Downcall() {
    }

    /** Memory for the state of one call. */
    static MemorySegment state(SegmentAllocator memory) {
        return memory.allocate(STATE);
    }

    /** errno as the last call with this state left it; only of use if that call failed. */
    static int errno(MemorySegment state) {
        return state.get(JAVA_INT, ERRNO);
    }

    /** Calls {@code function} with six words. Returns the whole result register. */
    static long call(MemorySegment state, MemorySegment function, long[] words) {
        try {
            return (long) CALL.invokeExact(function, state, words[0], words[1], words[2], words[3], words[4],
                    words[5]);
        } catch (RuntimeException | Error notOfTheFunction) { // of the stack or the memory that the call needs
            throw notOfTheFunction;
        } catch (Throwable impossible) {
            throw new AssertionError("a downcall throws no checked exception", impossible);
        }
    }
}
