package io.github.daemonsteps.ffm;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.Errno;
import io.github.daemonsteps.posix.PosixCall;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * One call of a C function: its arguments as the words that go into registers and as text for people, and how
 * it went.
 */
public final class NativeCall {

    private final CFunction function;
    private final String name;
    private final long[] words = new long[6];
    private int wordCount;
    private final List<String> texts = new ArrayList<>();
    private boolean complete;
    private long result;
    private int errno;
    private int parent;
    private @Nullable MemorySegment code;
    private LongFunction<String> resultText = Long::toString;

    public NativeCall(CFunction function) {
        this(function, function.symbol());
    }

    /** {@code syscall}, under the name of the system call that it makes. */
    public static NativeCall systemCall(String name, int number) {
        var call = new NativeCall(CFunction.SYSCALL, name);
        call.words[call.wordCount++] = number;
        return call;
    }

    /**
     * {@code fork} of this process by code that takes the address of a block, returns the child's pid or the negated errno, and
     * does not return in the child.
     */
    static NativeCall fork(MemorySegment code, long block) {
        var call = new NativeCall(CFunction.FORK);
        call.code = code;
        return call.hidden(block);
    }

    /** {@code fork}, and what becomes of the parent. */
    public static NativeCall fork(int parent) {
        var call = new NativeCall(CFunction.FORK);
        call.parent = parent;
        return call;
    }

    private NativeCall(CFunction function, String name) {
        this.function = function;
        this.name = name;
    }

    /** An argument that reads otherwise than as a number. */
    public NativeCall argument(long value, String text) {
        words[wordCount++] = value;
        texts.add(text);
        return this;
    }

    public NativeCall argument(long value) {
        return argument(value, Long.toString(value));
    }

    /** An argument that people need not see. */
    public NativeCall hidden(long value) {
        words[wordCount++] = value;
        return this;
    }

    /** The address of memory that the call reads or fills. */
    public NativeCall buffer(MemorySegment memory) {
        return argument(memory.address(), "...");
    }

    public NativeCall string(CString string, SegmentAllocator memory) {
        return argument(copy(string, memory).address(), string.quoted());
    }

    /** A NULL-terminated array of pointers to arguments. */
    NativeCall arguments(List<CString> arguments, SegmentAllocator memory) {
        return argument(array(arguments, memory), excerpt(arguments));
    }

    /** The same with an environment. Only its size is shown: secrets are handed down in variables. */
    NativeCall environment(List<CString> variables, SegmentAllocator memory) {
        return argument(array(variables, memory), "[" + variables.size() + " variables]");
    }

    private static long array(List<CString> strings, SegmentAllocator memory) {
        MemorySegment array = memory.allocate(8L * (strings.size() + 1), 8);
        for (int i = 0; i < strings.size(); i++) {
            array.set(JAVA_LONG, 8L * i, copy(strings.get(i), memory).address());
        }
        array.set(JAVA_LONG, 8L * strings.size(), 0);
        return array.address();
    }

    /** As strace(1): what fits on a line, and how many there are when that is not all. */
    private static String excerpt(List<CString> strings) {
        var text = new StringBuilder("[");
        for (CString string : strings) {
            if (text.length() > 60) {
                return text.append(", ... ").append(strings.size()).append(" in all]").toString();
            }
            text.append(text.length() == 1 ? "" : ", ").append(string.quoted());
        }
        return text.append("]").toString();
    }

    private static MemorySegment copy(CString string, SegmentAllocator memory) {
        byte[] bytes = string.bytes();
        MemorySegment copy = memory.allocate(bytes.length + 1L, 1);
        MemorySegment.copy(bytes, 0, copy, JAVA_BYTE, 0, bytes.length);
        copy.set(JAVA_BYTE, bytes.length, (byte) 0);
        return copy;
    }

    /** Its result reads so. */
    NativeCall returning(LongFunction<String> text) {
        resultText = text;
        return this;
    }

    /** Its name for people. */
    public String name() {
        return name;
    }

    public CFunction function() {
        return function;
    }

    /** What becomes of the parent if it forks; 0 if it does not. */
    public int parent() {
        return parent;
    }

    /**
     * Returns the arguments, all six registers.
     *
     * @throws IllegalStateException if the function takes another number of arguments
     */
    public long[] words() {
        if (code == null && !function.signature().takes(wordCount)) {
            throw new IllegalStateException(
                    function.symbol() + ": does not take " + wordCount + " arguments");
        }
        return words;
    }

    /** It has been made: this is what the result register held, and errno if it failed. */
    public void complete(long register, int errnoAfter) {
        complete = true;
        result = function.narrow(register);
        errno = errnoAfter;
    }

    /** Returns the code that forks this process; null if the call is that of a C function. */
    @Nullable
    MemorySegment code() {
        return code;
    }

    public boolean isCompleted() {
        return complete;
    }

    /** All of these functions return -1 when they fail, as an int, a long or (SIG_ERR) a pointer. */
    public boolean failed() {
        return result == -1;
    }

    public long result() {
        return result;
    }

    int errno() {
        return errno;
    }

    /** The call without its result, whether it was made or not. */
    public String text() {
        return new PosixCall(name, texts, "", null).text();
    }

    public PosixCall toPosixCall() {
        @Nullable
        Errno why = failed() ? Errno.of(errno) : null;
        return new PosixCall(name, texts, why == null ? resultText.apply(result) : "-1", why);
    }
}
