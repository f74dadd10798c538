package io.github.daemonsteps.relay;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.github.daemonsteps.ffm.NativePosix;
import io.github.daemonsteps.ffm.Platform;
import io.github.daemonsteps.ffm.libc.Libc;
import io.github.daemonsteps.posix.PosixException;
import io.github.daemonsteps.text.IoReason;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * The relay's machine code, in memory of its own. The memory is mapped for one fork and unmapped in this
 * process afterwards; the forked process has a copy. The source is {@code src/main/relay/relay-*.S}.
 *
 * <p>Each mapping is written once, while it cannot be executed. Then the mapping is made executable and never
 * written again. On aarch64 the instruction caches do not see stores, and this order is sufficient there. The
 * page is fresh from the kernel, and has never been executed as part of this mapping. When the kernel first
 * maps such a page executable, it cleans the data cache and invalidates the instruction cache. The first
 * executable mapping happens at mprotect(2) or later.
 */
final class RelayCode implements AutoCloseable {

    /** The code, read only once: the jar may be overwritten while this JVM runs. */
    private static byte @Nullable [] bytes;

    private final NativePosix posix;
    private final MemorySegment code;

    private RelayCode(NativePosix posix, MemorySegment code) {
        this.posix = posix;
        this.code = code;
    }

    /** Maps the relay of this platform. A system that forbids executable memory is reported at each call. */
    static RelayCode map(NativePosix posix) {
        byte[] bytes = bytes();
        int length = bytes.length;
        long address =
                posix.mmap(length, Libc.PROT_READ() | Libc.PROT_WRITE(), Libc.MAP_PRIVATE());
        MemorySegment code = segment(address, length);
        MemorySegment.copy(bytes, 0, code, JAVA_BYTE, 0, length);
        try {
            posix.mprotect(address, length, Libc.PROT_READ() | Libc.PROT_EXEC());
        } catch (PosixException e) {
            posix.munmap(address, length);
            throw e;
        }
        return new RelayCode(posix, code);
    }

    @SuppressWarnings("restricted") // the length is that of the mapping
    private static MemorySegment segment(long address, long length) {
        return MemorySegment.ofAddress(address).reinterpret(length);
    }

    private static synchronized byte[] bytes() {
        byte[] read = bytes;
        if (read == null) {
            read = bytes(Platform.current().relay());
            bytes = read;
        }
        return read;
    }

    /** Returns the code of a relay from the resources. */
    static byte[] bytes(String name) {
        try (InputStream resource = RelayCode.class.getResourceAsStream(name)) {
            if (resource == null) {
                throw new IllegalStateException("the resource " + name + " is missing from the jar");
            }
            return resource.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException("the relay cannot be read from the library: "
                    + IoReason.of(e), e);
        }
    }

    /** Returns the address of the code. */
    long address() {
        return code.address();
    }

    /**
     * Returns the code, which takes the address of a {@link SharedBlock}. The child serves that block and
     * never returns.
     */
    MemorySegment code() {
        return code;
    }

    /** Unmaps the code. A later fork with this code in this process would crash. */
    @Override
    public void close() {
        try {
            posix.munmap(code.address(), code.byteSize());
        } catch (PosixException e) {
            // The kernel lacks the memory to record the unmapping. The remaining mapping costs only a page.
        }
    }
}
