package io.github.daemonsteps.ffm;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.github.daemonsteps.ffm.libc.Libc;
import io.github.daemonsteps.ffm.libc.in6_addr;
import io.github.daemonsteps.ffm.libc.in_addr;
import io.github.daemonsteps.ffm.libc.sockaddr_in;
import io.github.daemonsteps.ffm.libc.sockaddr_in6;
import io.github.daemonsteps.ffm.libc.sockaddr_un;
import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.SocketAddress;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Arrays;

/** The addresses of sockets in memory, as C has them: {@code struct sockaddr_in} and its like. */
final class SocketAddresses {

    /** The size of the largest address. */
    static final long MAX_SIZE = Math.max(sockaddr_un.sizeof(), sockaddr_in6.sizeof());

    private static final long PATH = sockaddr_un.sun_path$offset();

    private SocketAddresses() {
    }

    /** Returns zeroed memory for any address. */
    static MemorySegment allocate(SegmentAllocator memory) {
        return memory.allocate(MAX_SIZE, JAVA_LONG.byteAlignment()).fill((byte) 0);
    }

    /** Returns memory that contains the address, and is as long as the address. */
    static MemorySegment write(SocketAddress address, SegmentAllocator memory) {
        MemorySegment struct = allocate(memory);
        if (address instanceof SocketAddress.Unix unix) {
            return unix(struct, unix);
        }
        InetSocketAddress inet = ((SocketAddress.Inet) address).address();
        return inet.getAddress() instanceof Inet6Address host
                ? ipv6(struct, host, inet.getPort())
                : ipv4(struct, inet);
    }

    private static MemorySegment ipv4(MemorySegment struct, InetSocketAddress address) {
        sockaddr_in.sin_family(struct, (short) Libc.AF_INET());
        sockaddr_in.sin_port(struct, networkOrder(address.getPort()));
        copy(address.getAddress().getAddress(), struct, sockaddr_in.sin_addr$offset());
        return struct.asSlice(0, sockaddr_in.sizeof());
    }

    private static MemorySegment ipv6(MemorySegment struct, Inet6Address host, int port) {
        sockaddr_in6.sin6_family(struct, (short) Libc.AF_INET6());
        sockaddr_in6.sin6_port(struct, networkOrder(port));
        copy(host.getAddress(), struct, sockaddr_in6.sin6_addr$offset());
        sockaddr_in6.sin6_scope_id(struct, host.getScopeId());
        return struct.asSlice(0, sockaddr_in6.sizeof());
    }

    private static MemorySegment unix(MemorySegment struct, SocketAddress.Unix address) {
        byte[] path = address.path().bytes();
        sockaddr_un.sun_family(struct, (short) Libc.AF_UNIX());
        if (address.isAbstract()) {
            path[0] = 0;
        }
        copy(path, struct, PATH);
        // A path ends with a NUL. An abstract name does not, and the family alone is the empty address.
        boolean endsWithNul = path.length > 0 && !address.isAbstract();
        return struct.asSlice(0, PATH + path.length + (endsWithNul ? 1 : 0));
    }

    private static void copy(byte[] bytes, MemorySegment struct, long offset) {
        MemorySegment.copy(bytes, 0, struct, JAVA_BYTE, offset, bytes.length);
    }

    /**
     * Returns the address that a call has written.
     *
     * @param struct the memory of the address
     * @param length the length that the kernel reports
     * @throws UnsupportedOperationException if the address is neither an internet nor a Unix address, or
     *         cannot be written as text
     */
    static SocketAddress read(MemorySegment struct, int length) {
        int family = sockaddr_un.sun_family(struct);
        if (family == Libc.AF_INET()) {
            byte[] host = bytes(struct, sockaddr_in.sin_addr$offset(), in_addr.sizeof());
            return inet(host, 0, sockaddr_in.sin_port(struct));
        } else if (family == Libc.AF_INET6()) {
            byte[] host = bytes(struct, sockaddr_in6.sin6_addr$offset(), in6_addr.sizeof());
            return inet(host, sockaddr_in6.sin6_scope_id(struct), sockaddr_in6.sin6_port(struct));
        } else if (family == Libc.AF_UNIX()) {
            return unix(bytes(struct, PATH, Math.min(length, MAX_SIZE) - PATH));
        }
        throw new UnsupportedOperationException("socket address of the family " + family
                + ": is neither an internet address nor a Unix address");
    }

    private static SocketAddress inet(byte[] host, int scope, short port) {
        try {
            // The scope -1 stands for an address without one. Inet6Address keeps a mapped IPv4 address.
            InetAddress address = host.length == in6_addr.sizeof()
                    ? Inet6Address.getByAddress(null, host, scope == 0 ? -1 : scope)
                    : InetAddress.getByAddress(host);
            return new SocketAddress.Inet(
                    new InetSocketAddress(address, Short.toUnsignedInt(networkOrder(port))));
        } catch (UnknownHostException e) {
            throw new AssertionError("the length of an address is right", e);
        }
    }

    private static SocketAddress unix(byte[] bytes) {
        byte[] path = bytes;
        if (bytes.length > 0 && bytes[0] == 0) {
            path[0] = '@';
        } else {
            int end = 0;
            while (end < bytes.length && bytes[end] != 0) {
                end++;
            }
            path = Arrays.copyOf(bytes, end);
        }
        try {
            return new SocketAddress.Unix(CString.ofBytes(path));
        } catch (IllegalArgumentException e) { // has a NUL, or is a path of 108 bytes
            throw new UnsupportedOperationException("Unix socket address: " + e.getMessage(), e);
        }
    }

    private static byte[] bytes(MemorySegment struct, long offset, long length) {
        return struct.asSlice(offset, length).toArray(JAVA_BYTE);
    }

    /**
     * Converts a port between the byte order of the network and that of this machine. Both platforms are
     * little-endian.
     */
    private static short networkOrder(int port) {
        return Short.reverseBytes((short) port);
    }

    /** Returns the address for people. */
    static String text(SocketAddress address) {
        return address instanceof SocketAddress.Unix unix ? unix.path().quoted() : address.toString();
    }
}
