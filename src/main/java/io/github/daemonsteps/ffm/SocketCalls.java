package io.github.daemonsteps.ffm;

import static io.github.daemonsteps.ffm.CFunction.BIND;
import static io.github.daemonsteps.ffm.CFunction.GETSOCKNAME;
import static io.github.daemonsteps.ffm.CFunction.LISTEN;
import static io.github.daemonsteps.ffm.CFunction.SENDMSG;
import static io.github.daemonsteps.ffm.CFunction.SETSOCKOPT;
import static io.github.daemonsteps.ffm.CFunction.SOCKET;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.github.daemonsteps.ffm.libc.Libc;
import io.github.daemonsteps.ffm.libc.cmsghdr;
import io.github.daemonsteps.ffm.libc.iovec;
import io.github.daemonsteps.ffm.libc.msghdr;
import io.github.daemonsteps.posix.SocketAddress;
import io.github.daemonsteps.posix.SocketFamily;
import io.github.daemonsteps.posix.SocketOption;
import io.github.daemonsteps.posix.SocketType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;

/** The calls on sockets, with their arguments in memory. A process that uses no socket does not load this. */
final class SocketCalls {

    private SocketCalls() {
    }

    static NativeCall socket(SocketFamily family, SocketType type) {
        return new NativeCall(SOCKET).argument(SocketValues.number(family), family.name())
                .argument(SocketValues.number(type) | Libc.SOCK_CLOEXEC(), type + "|SOCK_CLOEXEC")
                .argument(0);
    }

    static NativeCall bind(int fd, SocketAddress address, SegmentAllocator memory) {
        MemorySegment name = SocketAddresses.write(address, memory);
        return new NativeCall(BIND).argument(fd).argument(name.address(), SocketAddresses.text(address))
                .hidden(name.byteSize());
    }

    static NativeCall listen(int fd, int backlog) {
        return new NativeCall(LISTEN).argument(fd).argument(backlog);
    }

    static NativeCall setsockopt(int fd, SocketOption option, boolean on, SegmentAllocator memory) {
        int number = on ? 1 : 0;
        MemorySegment value = memory.allocate(JAVA_INT);
        value.set(JAVA_INT, 0, number);
        return new NativeCall(SETSOCKOPT).argument(fd)
                .argument(SocketValues.level(option), SocketValues.levelName(option))
                .argument(SocketValues.number(option), option.name())
                .argument(value.address(), "[" + number + "]")
                .hidden(value.byteSize());
    }

    /** Makes the call and returns the address. */
    static SocketAddress getsockname(int fd, PosixCalls posix, CallExecutor.CallScope exchange) {
        MemorySegment address = SocketAddresses.allocate(exchange);
        MemorySegment length = exchange.allocate(JAVA_INT);
        length.set(JAVA_INT, 0, (int) SocketAddresses.MAX_SIZE);
        posix.call(exchange, new NativeCall(GETSOCKNAME).argument(fd).buffer(address).buffer(length));
        return SocketAddresses.read(address, length.get(JAVA_INT, 0));
    }

    /**
     * Returns the call that sends a datagram.
     *
     * @param passedFd a descriptor that goes with the datagram; -1 for none
     */
    static NativeCall sendmsg(int fd, SocketAddress.Unix to, byte[] data, int passedFd,
            SegmentAllocator memory) {
        MemorySegment name = SocketAddresses.write(to, memory);
        MemorySegment bytes = memory.allocate(data.length);
        MemorySegment.copy(data, 0, bytes, JAVA_BYTE, 0, data.length);
        MemorySegment vector = zeroed(iovec.sizeof(), memory);
        iovec.iov_base(vector, bytes);
        iovec.iov_len(vector, data.length);
        MemorySegment message = zeroed(msghdr.sizeof(), memory);
        msghdr.msg_name(message, name);
        msghdr.msg_namelen(message, (int) name.byteSize());
        msghdr.msg_iov(message, vector);
        msghdr.msg_iovlen(message, 1);
        String text = SocketAddresses.text(to) + ", " + data.length + " bytes";
        if (passedFd >= 0) {
            MemorySegment control = rights(passedFd, memory);
            msghdr.msg_control(message, control);
            msghdr.msg_controllen(message, control.byteSize());
            text += ", SCM_RIGHTS [" + passedFd + "]";
        }
        return new NativeCall(SENDMSG).argument(fd).argument(message.address(), "{" + text + "}")
                .argument(Libc.MSG_NOSIGNAL() | Libc.MSG_DONTWAIT(), "MSG_NOSIGNAL|MSG_DONTWAIT");
    }

    /** Returns the control message that passes a descriptor. See cmsg(3). */
    private static MemorySegment rights(int passedFd, SegmentAllocator memory) {
        long length = cmsghdr.sizeof() + JAVA_INT.byteSize();
        // CMSG_SPACE: the next message would begin at a multiple of a word.
        long word = JAVA_LONG.byteSize();
        MemorySegment control = zeroed((length + word - 1) / word * word, memory);
        cmsghdr.cmsg_len(control, length);
        cmsghdr.cmsg_level(control, Libc.SOL_SOCKET());
        cmsghdr.cmsg_type(control, Libc.SCM_RIGHTS());
        control.set(JAVA_INT, cmsghdr.sizeof(), passedFd);
        return control;
    }

    private static MemorySegment zeroed(long size, SegmentAllocator memory) {
        return memory.allocate(size, JAVA_LONG.byteAlignment()).fill((byte) 0);
    }
}
