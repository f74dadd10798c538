package io.github.daemonsteps.posix;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * The relay's machine code, in memory of its own. The source is {@code src/main/relay/relay-*.S}.
 *
 * <p>The mapping is written once, while it cannot be executed, then made executable and never written again.
 * On aarch64, where instruction caches do not see stores, that is enough: the page has never been executed,
 * and the kernel cleans the data cache and invalidates the instruction cache for a page when it first maps it
 * executable, which is at mprotect(2) or after.
 */
final class Relay {

    /** Loaded when first asked for: a system that forbids it is an answer each time, and no failed class. */
    private static @Nullable Relay relay;

    private final MemorySegment code;

    private Relay(MemorySegment code) {
        this.code = code;
    }

    /** The relay of this platform. One is enough, for all the forks of a JVM. */
    static synchronized Relay get() {
        Relay loaded = relay;
        if (loaded == null) {
            loaded = load(NativePosix.get());
            relay = loaded;
        }
        return loaded;
    }

    private static Relay load(NativePosix posix) {
        Platform platform = Platform.current();
        byte[] bytes = bytes(platform.relay());
        int length = bytes.length;
        long address =
                posix.mmap(length, platform.PROT_READ() | platform.PROT_WRITE(), platform.MAP_PRIVATE());
        write(bytes, address);
        try {
            posix.mprotect(address, length, platform.PROT_READ() | platform.PROT_EXEC());
        } catch (PosixException forbidden) {
            posix.munmap(address, length);
            throw forbidden;
        }
        return new Relay(MemorySegment.ofAddress(address));
    }

    @SuppressWarnings("restricted") // the length is the one that was mapped
    private static void write(byte[] bytes, long address) {
        MemorySegment.copy(bytes, 0, MemorySegment.ofAddress(address).reinterpret(bytes.length), JAVA_BYTE, 0,
                bytes.length);
    }

    /** The bytes of a relay, from the resources. */
    static byte[] bytes(String name) {
        try (InputStream resource = Relay.class.getResourceAsStream(name)) {
            if (resource == null) {
                throw new IllegalStateException("the resource " + name + " is missing from the jar");
            }
            return resource.readAllBytes();
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    /** Where it lies. */
    long address() {
        return code.address();
    }

    /** Forks; the child serves {@code block} and never returns. Returns its pid, or the negated errno. */
    int fork(RelayBlock block) {
        try (var arena = Arena.ofConfined()) {
            return (int) Downcall.call(Downcall.state(arena), code,
                    new long[]{block.address(), 0, 0, 0, 0, 0});
        }
    }
}
