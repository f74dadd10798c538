package io.github.daemonsteps.relay;

import io.github.daemonsteps.ffm.NativePosix;
import io.github.daemonsteps.ffm.libc.Libc;
import io.github.daemonsteps.posix.PosixException;
import io.github.daemonsteps.procfs.MemoryMapping;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Keeps the Java heap of this process out of the processes that it forks, until {@link #close}. The relay
 * uses no object, and fork(2) would copy the page tables of the whole heap. See madvise(2), MADV_DONTFORK.
 *
 * <p>A JVM with compressed object pointers places its heap between {@value #LOWEST} and {@value #END}. The
 * kernel places nothing there by itself: the stacks of all threads, the arenas of malloc, and the libraries
 * are far above, and the C library needs these after a fork. A program that is not position independent lies
 * below, as does memory that was mapped with MAP_32BIT.
 *
 * <p>A failure is ignored. The forked process then has a copy of the memory, as without this class. Memory
 * that the JVM maps meanwhile is copied too.
 */
final class HeapExclusion implements AutoCloseable {

    /** The lowest address of a heap: the default of {@code -XX:HeapBaseMinAddress}. */
    private static final long LOWEST = 2L << 30;

    /** The address after the highest one of a compressed pointer: 32 bits, in units of 8 bytes. */
    private static final long END = 32L << 30;

    private final NativePosix posix;
    private final List<Range> excluded = new ArrayList<>();

    /**
     * A range of addresses.
     *
     * @param start the address of the first byte
     * @param end the address after the last byte
     */
    record Range(long start, long end) {}

    private HeapExclusion(NativePosix posix) {
        this.posix = posix;
    }

    /** Excludes the heap. */
    static HeapExclusion begin(NativePosix posix) {
        var exclusion = new HeapExclusion(posix);
        for (Range range : heap()) {
            exclusion.excluded.add(range); // before the call, whose failure may be partial
            exclusion.advise(range, Libc.MADV_DONTFORK(), "MADV_DONTFORK");
        }
        return exclusion;
    }

    private static List<Range> heap() {
        try {
            return ranges(MemoryMapping.between(LOWEST, END));
        } catch (IOException e) {
            return List.of();
        }
    }

    /**
     * Returns the ranges of private anonymous memory. Adjacent mappings are one range. Code shows that the
     * kernel does place mappings there, and any of them could be a stack. Then no range is returned.
     */
    static List<Range> ranges(List<MemoryMapping> mappings) {
        List<Range> ranges = new ArrayList<>();
        for (MemoryMapping mapping : mappings) {
            if (mapping.isExecutable()) {
                return List.of();
            }
            if (!mapping.isPrivateAnonymous()) {
                continue;
            }
            long start = Math.max(mapping.start(), LOWEST);
            long end = Math.min(mapping.end(), END);
            if (!ranges.isEmpty() && ranges.getLast().end() == start) {
                start = ranges.removeLast().start();
            }
            ranges.add(new Range(start, end));
        }
        return ranges;
    }

    private void advise(Range range, int advice, String name) {
        try {
            posix.madvise(range.start(), range.end() - range.start(), advice, name);
        } catch (PosixException e) {
            // The JVM has unmapped a part of the range meanwhile, and the advice holds for the rest. Or the
            // kernel lacks memory, or a filter denies the call.
        }
    }

    /** Lets processes that are forked from now on have a copy of the heap again. */
    @Override
    public void close() {
        for (Range range : excluded) {
            advise(range, Libc.MADV_DOFORK(), "MADV_DOFORK");
        }
    }
}
