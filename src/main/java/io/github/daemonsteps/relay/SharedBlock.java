package io.github.daemonsteps.relay;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.github.daemonsteps.ffm.CFunction;
import io.github.daemonsteps.ffm.NativeCall;
import io.github.daemonsteps.ffm.NativePosix;
import io.github.daemonsteps.ffm.StructOffset;
import io.github.daemonsteps.ffm.libc.Libc;
import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.PosixException;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.StructLayout;
import java.lang.invoke.VarHandle;
import java.util.List;

/**
 * The memory that launcher and forked process share. A block contains the data of the relay, the calls of a
 * request, and the memory for their pointers. The block is mapped before the fork, so an address means the
 * same in both processes.
 *
 * <p>The layouts are those of {@code relay-*.S}; a test compares them.
 */
final class SharedBlock {

    static final StructLayout HEADER = MemoryLayout.structLayout(JAVA_LONG.withName("FORK"),
            JAVA_LONG.withName("ERRNO_LOCATION"), JAVA_INT.withName("CONTROL"),
            JAVA_INT.withName("ENDS_COUNT"),
            JAVA_LONG.withName("ENDS"), JAVA_INT.withName("CALL_COUNT"), JAVA_INT.withName("CALLS_DONE"),
            JAVA_LONG.withName("SPARE"), JAVA_LONG.withName("LAUNCHER_DEATH"),
            JAVA_LONG.withName("LAUNCHER_DEATH_COUNT"));

    static final StructLayout CALL = MemoryLayout.structLayout(JAVA_LONG.withName("FUNCTION"),
            JAVA_LONG.withName("ARGUMENT_0"), JAVA_LONG.withName("ARGUMENT_1"),
            JAVA_LONG.withName("ARGUMENT_2"),
            JAVA_LONG.withName("ARGUMENT_3"), JAVA_LONG.withName("ARGUMENT_4"),
            JAVA_LONG.withName("ARGUMENT_5"),
            JAVA_LONG.withName("RESULT"), JAVA_INT.withName("ERRNO"), JAVA_INT.withName("FORKS"));

    /** The fate of the parent when a process forks: the parent exits. */
    static final int PARENT_EXITS = 1;

    /** The fate of the parent when a process forks: the parent stays, and serves the spare block. */
    static final int PARENT_STAYS = 2;

    /**
     * The maximum number of calls in a request. The number is above that of all signals, the longest list
     * that a caller requests at once.
     */
    static final int MAX_CALLS = 128;

    /** The maximum number of files that are removed together with a pid file. */
    static final int MAX_COMPANIONS = 2;

    /**
     * The maximum number of launcher-death calls. Three calls release the lock, and three open the file, lock
     * it and remove its name. Two more create and remove each companion.
     */
    private static final int MAX_LAUNCHER_DEATH_CALLS = 6 + 2 * MAX_COMPANIONS;

    /** The size of the longest possible path for each call that takes one, and of a struct pollfd. */
    private static final long LAUNCHER_DEATH_STRINGS_SIZE = (2 + 2 * MAX_COMPANIONS) * CString.PATH_MAX + 8;

    /**
     * The size of the memory for strings. The size is above the kernel's limit for arguments and environment
     * (6 MiB, which includes the pointers to them). Untouched memory costs nothing.
     */
    private static final long STRINGS_SIZE = 8 << 20;

    private static final long FORK = StructOffset.of(HEADER, "FORK");
    private static final long ERRNO_LOCATION = StructOffset.of(HEADER, "ERRNO_LOCATION");
    private static final long CONTROL = StructOffset.of(HEADER, "CONTROL");
    private static final long ENDS_COUNT = StructOffset.of(HEADER, "ENDS_COUNT");
    private static final long ENDS = StructOffset.of(HEADER, "ENDS");
    private static final long SPARE = StructOffset.of(HEADER, "SPARE");
    private static final long CALL_COUNT = StructOffset.of(HEADER, "CALL_COUNT");
    private static final long CALLS_DONE = StructOffset.of(HEADER, "CALLS_DONE");
    private static final long LAUNCHER_DEATH = StructOffset.of(HEADER, "LAUNCHER_DEATH");
    private static final long LAUNCHER_DEATH_COUNT = StructOffset.of(HEADER, "LAUNCHER_DEATH_COUNT");
    private static final long FUNCTION = StructOffset.of(CALL, "FUNCTION");
    private static final long ARGUMENTS = StructOffset.of(CALL, "ARGUMENT_0");
    private static final long RESULT = StructOffset.of(CALL, "RESULT");
    private static final long ERRNO = StructOffset.of(CALL, "ERRNO");
    private static final long FORKS = StructOffset.of(CALL, "FORKS");

    private static final long CALLS = HEADER.byteSize();
    private static final long LAUNCHER_DEATH_CALLS = CALLS + MAX_CALLS * CALL.byteSize();
    private static final long LAUNCHER_DEATH_STRINGS =
            LAUNCHER_DEATH_CALLS + MAX_LAUNCHER_DEATH_CALLS * CALL.byteSize();
    private static final long ENDS_ARRAY = LAUNCHER_DEATH_STRINGS + LAUNCHER_DEATH_STRINGS_SIZE;

    private final NativePosix posix;
    private final MemorySegment memory;
    private final MemorySegment strings;

    /**
     * Maps a block.
     *
     * @param posix the calls in this process
     * @param ends the descriptors that a forked process closes first
     */
    @SuppressWarnings("restricted") // the length is the requested one
    SharedBlock(NativePosix posix, List<Integer> ends) {
        this.posix = posix;
        long stringsOffset = ENDS_ARRAY + align(ends.size() * JAVA_INT.byteSize());
        long size = stringsOffset + STRINGS_SIZE;
        long address = posix.mmap(size, Libc.PROT_READ() | Libc.PROT_WRITE(),
                Libc.MAP_SHARED() | Libc.MAP_NORESERVE());
        this.memory = MemorySegment.ofAddress(address).reinterpret(size);
        this.strings = memory.asSlice(stringsOffset);
        memory.set(JAVA_LONG, FORK, CFunction.FORK.address().address());
        memory.set(JAVA_LONG, ERRNO_LOCATION, CFunction.__ERRNO_LOCATION.address().address());
        memory.set(JAVA_LONG, LAUNCHER_DEATH, address + LAUNCHER_DEATH_CALLS);
        memory.set(JAVA_LONG, ENDS, address + ENDS_ARRAY);
        memory.set(JAVA_INT, ENDS_COUNT, ends.size());
        for (int i = 0; i < ends.size(); i++) {
            memory.set(JAVA_INT, ENDS_ARRAY + i * JAVA_INT.byteSize(), ends.get(i));
        }
    }

    private static long align(long size) {
        return (size + ADDRESS.byteSize() - 1) / ADDRESS.byteSize() * ADDRESS.byteSize();
    }

    /**
     * Unmaps the block. Any later use in this process, or in the last request of the forked process, would
     * crash.
     */
    void free() {
        try {
            posix.munmap(memory.address(), memory.byteSize());
        } catch (PosixException e) {
            // The kernel lacks the memory to record the unmapping. The remaining mapping costs only
            // addresses.
        }
    }

    long address() {
        return memory.address();
    }

    /** Sets the forked process's end of the control socket. */
    void control(int fd) {
        memory.set(JAVA_INT, CONTROL, fd);
    }

    /** Sets the block for a parent that stays. */
    void spare(SharedBlock other) {
        memory.set(JAVA_LONG, SPARE, other.address());
    }

    /**
     * Returns fresh memory for the strings and buffers of a request. The memory overwrites that of the
     * previous request.
     */
    SegmentAllocator strings() {
        return SegmentAllocator.slicingAllocator(strings);
    }

    /** Writes the calls of a request into the block. */
    void request(List<NativeCall> calls) {
        if (calls.size() > MAX_CALLS) {
            throw new IllegalArgumentException(
                    "a request has at most " + MAX_CALLS + " calls, not " + calls.size());
        }
        write(calls, CALLS);
        memory.set(JAVA_INT, CALL_COUNT, calls.size());
        memory.set(JAVA_INT, CALLS_DONE, 0);
    }

    private void write(List<NativeCall> calls, long from) {
        for (int i = 0; i < calls.size(); i++) {
            NativeCall call = calls.get(i);
            long at = from + i * CALL.byteSize();
            memory.set(JAVA_LONG, at + FUNCTION, call.function().address().address());
            for (int word = 0; word < call.words().length; word++) {
                memory.set(JAVA_LONG, at + ARGUMENTS + word * JAVA_LONG.byteSize(), call.words()[word]);
            }
            memory.set(JAVA_INT, at + FORKS, call.parent());
        }
    }

    /** Returns memory for the strings of the launcher-death calls. No request overwrites this memory. */
    SegmentAllocator launcherDeathStrings() {
        return SegmentAllocator
                .slicingAllocator(memory.asSlice(LAUNCHER_DEATH_STRINGS, LAUNCHER_DEATH_STRINGS_SIZE));
    }

    /**
     * Writes the launcher-death calls into the block. The forked process makes them, until one fails, when it
     * finds that the launcher is gone. The process reads the calls only then. So the calls in the block are
     * complete at any moment at which the launcher is killed.
     */
    void setLauncherDeathCalls(List<NativeCall> calls) {
        clearLauncherDeathCalls();
        VarHandle.releaseFence();
        write(calls, LAUNCHER_DEATH_CALLS);
        VarHandle.releaseFence();
        memory.set(JAVA_LONG, LAUNCHER_DEATH_COUNT, calls.size());
    }

    /** Removes the launcher-death calls, so that the forked process makes none. */
    void clearLauncherDeathCalls() {
        memory.set(JAVA_LONG, LAUNCHER_DEATH_COUNT, 0);
    }

    /** Reads the results of the calls of the answered request. */
    void reply(List<NativeCall> calls) {
        int done = memory.get(JAVA_INT, CALLS_DONE);
        for (int i = 0; i < done; i++) {
            long at = CALLS + i * CALL.byteSize();
            calls.get(i).complete(memory.get(JAVA_LONG, at + RESULT), memory.get(JAVA_INT, at + ERRNO));
        }
    }
}
