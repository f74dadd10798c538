package io.github.daemonsteps.ffm;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.Errno;
import io.github.daemonsteps.posix.FileMode;
import io.github.daemonsteps.posix.PosixCall;
import io.github.daemonsteps.posix.SignalDisposition;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One call of a C function: the arguments as words for registers and as text for people, and the result. */
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
    private Result meaning = Result.NUMBER;

    /** The meaning of a result, which decides on its text for people. */
    enum Result {
        NUMBER, FILE_MODE, SIGNAL_HANDLER
    }

    public NativeCall(CFunction function) {
        this(function, function.symbol());
    }

    /** Creates a call of {@code syscall}, under the name of the system call that it makes. */
    public static NativeCall systemCall(String name, int number) {
        var call = new NativeCall(CFunction.SYSCALL, name);
        call.words[call.wordCount++] = number;
        return call;
    }

    /**
     * Creates a {@code fork} of this process by machine code. The code takes the address of a block, and
     * returns the child's pid or the negated errno. In the child the code does not return.
     */
    static NativeCall fork(MemorySegment code, long block) {
        var call = new NativeCall(CFunction.FORK);
        call.code = code;
        return call.hidden(block);
    }

    /**
     * Creates a call of {@code fork} in a forked process.
     *
     * @param parent the fate of the parent, see {@link #parent()}
     */
    public static NativeCall fork(int parent) {
        var call = new NativeCall(CFunction.FORK);
        call.parent = parent;
        return call;
    }

    private NativeCall(CFunction function, String name) {
        this.function = function;
        this.name = name;
    }

    /** Adds an argument whose text is not a number. */
    public NativeCall argument(long value, String text) {
        words[wordCount++] = value;
        texts.add(text);
        return this;
    }

    public NativeCall argument(long value) {
        return argument(value, Long.toString(value));
    }

    /** Adds an argument without a text for people. */
    public NativeCall hidden(long value) {
        words[wordCount++] = value;
        return this;
    }

    /** Adds the address of memory that the call reads or fills. */
    public NativeCall buffer(MemorySegment memory) {
        return argument(memory.address(), "...");
    }

    public NativeCall string(CString string, SegmentAllocator memory) {
        return argument(copy(string, memory).address(), string.quoted());
    }

    /** Adds a NULL-terminated array of pointers to arguments. */
    NativeCall arguments(List<CString> arguments, SegmentAllocator memory) {
        return argument(array(arguments, memory), excerpt(arguments));
    }

    /**
     * Adds a NULL-terminated array of pointers to environment variables. The text contains only their number,
     * since variables may carry secrets.
     */
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

    /**
     * Returns the strings in the format of strace(1): as many as fit on a line. If some are missing, the
     * total follows.
     */
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
        byte[] terminated = Arrays.copyOf(bytes, bytes.length + 1);
        MemorySegment copy = memory.allocate(terminated.length, 1);
        MemorySegment.copy(terminated, 0, copy, JAVA_BYTE, 0, terminated.length);
        return copy;
    }

    /** Sets the meaning of the result. */
    NativeCall returning(Result resultMeaning) {
        meaning = resultMeaning;
        return this;
    }

    /** Returns the name for people. */
    public String name() {
        return name;
    }

    public CFunction function() {
        return function;
    }

    /** Returns the fate of the parent if the call forks; 0 if the call does not fork. */
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

    /**
     * Marks the call as completed.
     *
     * @param register the content of the result register
     * @param errnoAfter errno after the call; valid only if the call failed
     */
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

    /**
     * Returns whether the call failed. All of these functions then return -1, as an int, a long or (SIG_ERR)
     * a pointer.
     */
    public boolean failed() {
        return result == -1;
    }

    /** Returns whether one of these calls has failed. */
    public static boolean anyFailed(List<NativeCall> calls) {
        for (NativeCall call : calls) {
            if (call.failed()) {
                return true;
            }
        }
        return false;
    }

    public long result() {
        return result;
    }

    int errno() {
        return errno;
    }

    /** Returns the arguments for people. */
    List<String> arguments() {
        return List.copyOf(texts);
    }

    /** Returns the call without its result, whether the call was made or not. */
    public String text() {
        return new PosixCall(name, texts, "", null).text();
    }

    public PosixCall toPosixCall() {
        @Nullable
        Errno why = failed() ? Errno.of(errno) : null;
        return new PosixCall(name, texts, why == null ? resultText() : "-1", why);
    }

    private String resultText() {
        return switch (meaning) {
            case NUMBER -> Long.toString(result);
            case FILE_MODE -> FileMode.of((int) result).toString();
            case SIGNAL_HANDLER -> handlerText(result);
        };
    }

    private static String handlerText(long handler) {
        for (SignalDisposition disposition : SignalDisposition.values()) {
            if (NativeValues.handler(disposition) == handler) {
                return disposition.name();
            }
        }
        return "0x" + Long.toHexString(handler);
    }
}
