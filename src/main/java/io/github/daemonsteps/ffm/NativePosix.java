package io.github.daemonsteps.ffm;

import static io.github.daemonsteps.ffm.CFunction.CLOCK_GETTIME;
import static io.github.daemonsteps.ffm.CFunction.FCHOWN;
import static io.github.daemonsteps.ffm.CFunction.MADVISE;
import static io.github.daemonsteps.ffm.CFunction.MKDIR;
import static io.github.daemonsteps.ffm.CFunction.MMAP;
import static io.github.daemonsteps.ffm.CFunction.MPROTECT;
import static io.github.daemonsteps.ffm.CFunction.MUNMAP;
import static io.github.daemonsteps.ffm.CFunction.POLL;
import static io.github.daemonsteps.ffm.CFunction.READLINK;
import static io.github.daemonsteps.ffm.CFunction.SEND;
import static io.github.daemonsteps.ffm.CFunction.SOCKETPAIR;
import static io.github.daemonsteps.ffm.CFunction.SYSCONF;
import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.github.daemonsteps.ffm.libc.Libc;
import io.github.daemonsteps.ffm.libc.pollfd;
import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.CallInterceptor;
import io.github.daemonsteps.posix.Errno;
import io.github.daemonsteps.posix.FileMode;
import io.github.daemonsteps.posix.PosixException;
import io.github.daemonsteps.posix.SocketAddress;
import java.io.File;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The C library in this process. The class is safe for use by several threads at once: each call has its own
 * errno.
 */
public final class NativePosix extends PrivilegeCalls {

    /** Creates a C library whose calls {@code invoker} makes in this process. */
    public NativePosix(CallExecutor invoker) {
        super(invoker);
    }

    /**
     * Returns the C library.
     *
     * @throws IllegalCallerException if native access is denied to this module; the message names the option
     *         that allows it
     * @throws UnsupportedOperationException if this platform has no binding; the message names the platforms
     *         that have one
     * @throws IllegalStateException if this program is set-user-ID or set-group-ID: a JVM is not suited for
     *         that
     */
    public static NativePosix get() {
        NativeAccess.require();
        if (Holder.IS_SET_ID) {
            throw new IllegalStateException(
                    "this program runs set-user-ID or set-group-ID, with the rights of another user than who"
                            + " has called it: daemon-steps refuses that");
        }
        return Holder.INSTANCE;
    }

    /**
     * Returns the C library of this process, whose calls go through an interceptor.
     *
     * @param interceptor is asked about each call
     */
    public static NativePosix intercepted(CallInterceptor interceptor) {
        get();
        int pid = (int) ProcessHandle.current().pid();
        return new NativePosix(new InterceptedExecutor(CallInterceptor.Place.LAUNCHER, () -> pid,
                new NativeExecutor(), interceptor));
    }

    /** The holder of the instance, which is linked only after the checks have passed. */
    private static final class Holder {
        private static final NativePosix INSTANCE = new NativePosix(new NativeExecutor());
        private static final boolean IS_SET_ID =
                isSetId(INSTANCE.getresuid()) || isSetId(INSTANCE.getresgid());

        private static boolean isSetId(Ids ids) {
            return ids.real() != ids.effective();
        }
    }

    /**
     * Returns {@code sysconf(_SC_OPEN_MAX)}: one more than the highest possible descriptor. See sysconf(3).
     */
    public long openMax() {
        try (var exchange = begin()) {
            return call(exchange, new NativeCall(SYSCONF).argument(Libc._SC_OPEN_MAX(), "_SC_OPEN_MAX"));
        }
    }

    /** Returns the target of a symbolic link, as bytes. See readlink(2). */
    public CString readlink(CString link) {
        try (var exchange = begin()) {
            MemorySegment buffer = exchange.allocate(CString.PATH_MAX);
            long length = call(exchange,
                    new NativeCall(READLINK).string(link, exchange).buffer(buffer)
                            .argument(CString.PATH_MAX));
            return CString.ofBytes(buffer.asSlice(0, length).toArray(JAVA_BYTE));
        }
    }

    /**
     * Makes execve(2) close every descriptor from {@code first} to {@code last}, both included. See
     * close_range(2).
     *
     * @param first the lowest descriptor
     * @param last the highest descriptor; -1 for the highest possible one
     */
    public void closeOnExec(int first, int last) {
        try {
            call(NativeCall.systemCall("close_range", Libc.SYS_close_range()).argument(first)
                    .argument(last, Integer.toUnsignedString(last))
                    .argument(Libc.CLOSE_RANGE_CLOEXEC(), "CLOSE_RANGE_CLOEXEC"));
        } catch (PosixException e) {
            // The loop is for Linux before 5.11, or for an old container filter.
            for (int fd : openDescriptors()) {
                if (fd >= first && Integer.compareUnsigned(fd, last) <= 0) {
                    setCloseOnExec(fd, true);
                }
            }
        }
    }

    private static List<Integer> openDescriptors() {
        String[] names = new File("/proc/self/fd").list();
        return names == null
                ? List.of()
                : Arrays.stream(names).map(Integer::valueOf)
                        .filter(fd -> Files.exists(Path.of("/proc/self/fd", fd.toString()))).toList();
    }

    /**
     * Returns the environment variables as the C library has them now, byte for byte. The kernel's list,
     * {@code /proc/self/environ}, does not show what setenv(3) changed. A process that must not be inspected
     * cannot read that list at all. See environ(7).
     */
    @SuppressWarnings("restricted") // char **environ ends with a null pointer, without a length
    public List<CString> environ() {
        MemorySegment array = Linker.nativeLinker().defaultLookup().findOrThrow("environ")
                .reinterpret(ADDRESS.byteSize()).get(ADDRESS, 0).reinterpret(Long.MAX_VALUE);
        List<CString> variables = new ArrayList<>();
        if (array.address() == 0) {
            return variables; // after clearenv(3)
        }
        for (long i = 0;; i++) {
            MemorySegment variable = array.getAtIndex(ADDRESS, i);
            if (variable.address() == 0) {
                return variables;
            }
            MemorySegment bytes = variable.reinterpret(Long.MAX_VALUE);
            long length = 0;
            while (bytes.get(JAVA_BYTE, length) != 0) {
                length++;
            }
            variables.add(CString.ofBytes(bytes.asSlice(0, length).toArray(JAVA_BYTE)));
        }
    }

    /** Changes the owner and the group of an open file. See fchown(2). */
    public void fchown(int fd, long uid, long gid) {
        call(new NativeCall(FCHOWN).argument(fd).argument(uid).argument(gid));
    }

    /** Creates a directory. See mkdir(2). */
    public void mkdir(CString path, FileMode mode) {
        try (var exchange = begin()) {
            call(exchange,
                    new NativeCall(MKDIR).string(path, exchange).argument(mode.bits(), mode.toString()));
        }
    }

    /**
     * Closes a descriptor that has no written data to lose. A failure is ignored: Linux has closed the
     * descriptor even when close(2) fails with EINTR or EIO.
     */
    public void closeQuietly(int fd) {
        try {
            close(fd);
        } catch (PosixException e) {
            if (e.errno().equals(Errno.EBADF)) {
                throw e;
            }
        }
    }

    /**
     * Forks this process by machine code; see {@link NativeCall#fork(MemorySegment, long)}. Returns the id of
     * the new process.
     */
    public int fork(MemorySegment code, long block) {
        return call(NativeCall.fork(code, block));
    }

    /** Maps zeroed memory that is not backed by a file. Returns the address. See mmap(2). */
    public long mmap(long length, int protection, int flags) {
        try (var exchange = begin()) {
            int anonymous = flags | Libc.MAP_ANONYMOUS();
            return call(exchange,
                    new NativeCall(MMAP).argument(0).argument(length).argument(protection).argument(anonymous)
                            .argument(-1).argument(0));
        }
    }

    /** Advises the kernel on the use of memory. See madvise(2). */
    public void madvise(long address, long length, int advice, String name) {
        call(new NativeCall(MADVISE).argument(address).argument(length).argument(advice, name));
    }

    public void mprotect(long address, long length, int protection) {
        call(new NativeCall(MPROTECT).argument(address).argument(length).argument(protection));
    }

    public void munmap(long address, long length) {
        call(new NativeCall(MUNMAP).argument(address).argument(length));
    }

    /** Returns a pair of connected stream sockets, closed on exec. See socketpair(2). */
    public Pipe socketpair() {
        try (var exchange = begin()) {
            MemorySegment ends = exchange.allocate(JAVA_INT, 2);
            call(exchange, new NativeCall(SOCKETPAIR).argument(Libc.AF_UNIX(), "AF_UNIX")
                    .argument(Libc.SOCK_STREAM() | Libc.SOCK_CLOEXEC(), "SOCK_STREAM|SOCK_CLOEXEC")
                    .argument(0)
                    .buffer(ends));
            return new Pipe(ends.getAtIndex(JAVA_INT, 0), ends.getAtIndex(JAVA_INT, 1));
        }
    }

    /** Sends one byte, without a SIGPIPE if the other end is closed. Returns whether the byte was sent. */
    public boolean sendByte(int socket) {
        try (var exchange = begin()) {
            MemorySegment one = exchange.allocate(JAVA_BYTE);
            return call(exchange, new NativeCall(SEND).argument(socket).buffer(one).argument(1)
                    .argument(Libc.MSG_NOSIGNAL(), "MSG_NOSIGNAL")) == 1;
        }
    }

    /**
     * Sends a datagram without waiting, and without a SIGPIPE if the other end is closed. See sendmsg(2).
     *
     * @param fd a Unix socket of datagrams
     * @param to the address of the receiver
     * @param data the datagram
     * @param passedFd a descriptor that the receiver gets as one of its own, see unix(7), SCM_RIGHTS; -1 for
     *         none
     * @throws PosixException with EAGAIN if the receiver's queue is full; ENOENT or ECONNREFUSED if there is
     *         not a receiver; EMSGSIZE if the datagram is too long
     */
    public void sendmsg(int fd, SocketAddress.Unix to, byte[] data, int passedFd) {
        try (var exchange = begin()) {
            call(exchange, SocketCalls.sendmsg(fd, to, data, passedFd, exchange));
        }
    }

    /** Returns the time of {@code CLOCK_MONOTONIC} in microseconds. See clock_gettime(2). */
    public long monotonicMicros() {
        Platform platform = Platform.current();
        try (var exchange = begin()) {
            MemorySegment time = exchange.allocate(platform.timespecSize(), JAVA_LONG.byteAlignment());
            call(exchange, new NativeCall(CLOCK_GETTIME).argument(Libc.CLOCK_MONOTONIC(), "CLOCK_MONOTONIC")
                    .buffer(time));
            return platform.micros(time);
        }
    }

    /**
     * Returns a duplicate, close-on-exec, of a descriptor of another process. See pidfd_getfd(2).
     *
     * @param pidfd a pidfd of the process
     * @param fd the descriptor of the process
     * @throws PosixException with ENOSYS before Linux 5.6; EPERM if this process may not trace the other one;
     *         EBADF if the other process does not have the descriptor
     */
    public int pidfd_getfd(int pidfd, int fd) {
        return call(NativeCall.systemCall("pidfd_getfd", Libc.SYS_pidfd_getfd()).argument(pidfd).argument(fd)
                .argument(0));
    }

    /** Returns whether a socket or a pipe was ended in both directions, as by shutdown(2). See poll(2). */
    public boolean hasHungUp(int fd) {
        try (var exchange = begin()) {
            MemorySegment request = exchange.allocate(pollfd.sizeof(), JAVA_INT.byteAlignment());
            pollfd.fd(request, fd); // without events: the kernel reports POLLHUP all the same
            call(exchange, new NativeCall(POLL).buffer(request).argument(1).argument(0));
            return PollRequest.isReady(request);
        }
    }

    /**
     * Waits until one of these descriptors is readable or at its end, or the deadline has passed. See
     * poll(2).
     *
     * @param nanoTime the deadline, on the clock of {@link System#nanoTime}
     * @param fds the descriptors; a negative one is skipped
     * @return the index of the first descriptor that is ready, or -1 if none is ready
     */
    public int poll(long nanoTime, int... fds) {
        try (var exchange = begin()) {
            long size = pollfd.sizeof();
            MemorySegment pollfds = exchange.allocate(size * fds.length, JAVA_INT.byteAlignment());
            for (int i = 0; i < fds.length; i++) {
                MemorySegment request = pollfds.asSlice(i * size, size);
                PollRequest.write(request, fds[i]);
            }
            while (true) {
                long millis = Math.max(0, (nanoTime - System.nanoTime() + 999_999) / 1_000_000);
                var call = new NativeCall(POLL).buffer(pollfds).argument(fds.length)
                        .argument(Math.min(millis, Integer.MAX_VALUE));
                try {
                    call(exchange, call);
                } catch (PosixException e) {
                    if (!e.errno().equals(Errno.EINTR)) {
                        throw e;
                    }
                    if (System.nanoTime() - nanoTime >= 0) {
                        return -1;
                    }
                    continue;
                }
                for (int i = 0; i < fds.length; i++) {
                    if (PollRequest.isReady(pollfds.asSlice(i * size, size))) {
                        return i;
                    }
                }
                if (System.nanoTime() - nanoTime >= 0) {
                    return -1;
                }
            }
        }
    }
}
