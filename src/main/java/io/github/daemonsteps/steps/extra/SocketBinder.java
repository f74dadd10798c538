package io.github.daemonsteps.steps.extra;

import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.Deadline;
import io.github.daemonsteps.posix.Errno;
import io.github.daemonsteps.posix.Posix;
import io.github.daemonsteps.posix.PosixException;
import io.github.daemonsteps.posix.SocketAddress;
import io.github.daemonsteps.posix.SocketOption;
import io.github.daemonsteps.posix.SocketType;
import io.github.daemonsteps.process.UserIdentity;
import io.github.daemonsteps.procfs.ListeningSockets;
import io.github.daemonsteps.steps.StepOutcome;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** Binds sockets by a process, and checks by the kernel's tables that they listen. */
final class SocketBinder {

    /** The kernel lowers this number to {@code net.core.somaxconn}, whose default is the same. */
    static final int BACKLOG = 4096;

    /** The longest time to wait for another launcher. */
    private static final Duration PASSING_DEADLINE = Duration.ofSeconds(5);

    private static final long RETRY_INTERVAL_NANOS = 20_000_000;

    private final Posix process;
    private final int pid;
    private final BoundSockets bound;
    private final SocketConflict conflict;
    private final SocketFileBinder files;

    /**
     * @param user the user of the program; null: the user of the process
     * @param bound receives the sockets, and their files
     */
    SocketBinder(Posix process, int pid, @Nullable UserIdentity user, BoundSockets bound) {
        this.process = process;
        this.pid = pid;
        this.bound = bound;
        this.conflict = new SocketConflict(pid);
        this.files = new SocketFileBinder(process, user, bound, conflict);
    }

    /** Returns the calls of {@link #bind}, in C. */
    static List<String> plan(ListenSocket socket, String fd, SocketOwner owner) {
        List<String> calls = new ArrayList<>();
        CString file = socket.file();
        calls.add("socket(" + socket.address().family() + ", SOCK_STREAM|SOCK_CLOEXEC, 0) = " + fd);
        if (socket.address() instanceof SocketAddress.Inet) {
            calls.add("setsockopt(" + fd + ", SOL_SOCKET, SO_REUSEADDR, [1])");
        }
        String bind = "bind(" + fd + ", " + (socket.address() instanceof SocketAddress.Unix unix
                ? unix.path().quoted()
                : socket.text()) + ")";
        if (file == null) {
            calls.add(bind);
        } else {
            calls.addAll(SocketFileBinder.plan(bind, socket, file, owner));
        }
        calls.addAll(List.of("listen(" + fd + ", " + BACKLOG + ")", "getsockname(" + fd + ")",
                "fcntl(" + fd + ", F_SETFD, 0)", "fcntl(" + fd + ", F_GETFD)"));
        return calls;
    }

    /**
     * Binds a socket and listens on it.
     *
     * @param number the descriptor that the socket must have; {@link Listen#ANY}: any
     * @return the failure; null if the socket listens
     * @throws PosixException if a call fails that does not concern the address, such as socket
     */
    StepOutcome.@Nullable Failed bind(ListenSocket socket, int number) {
        int fd = withNumber(process.socket(socket.address().family(), SocketType.SOCK_STREAM), number);
        if (number != Listen.ANY && fd != number) {
            return inUse("socket(" + socket.address().family() + ", SOCK_STREAM, 0)", socket, number);
        }
        StepOutcome.Failed failed = bindWhenFree(fd, socket);
        if (failed == null) {
            failed = listen(fd, socket);
        }
        return failed == null && number != Listen.ANY ? inherit(fd) : failed;
    }

    /** Binds a socket, and waits for another launcher, which does not report that it gives up the address. */
    private StepOutcome.@Nullable Failed bindWhenFree(int fd, ListenSocket socket) {
        CString file = socket.file();
        long until = Deadline.in(PASSING_DEADLINE);
        while (true) {
            StepOutcome.Failed failed = file == null ? bindAddress(fd, socket) : files.bind(fd, socket, file);
            boolean waits = failed != null && Errno.EADDRINUSE.equals(failed.errno())
                    && conflict.isPassing(socket) && System.nanoTime() - until < 0;
            if (!waits) {
                return failed;
            }
            LockSupport.parkNanos(RETRY_INTERVAL_NANOS);
        }
    }

    /** Returns the calls of {@link #move}, in C. */
    static List<String> plan(int open, String fd) {
        return List.of("fcntl(" + open + ", F_DUPFD_CLOEXEC, " + fd + ")", "close(" + open + ")",
                "fcntl(" + fd + ", F_SETFL, 0)", "listen(" + fd + ", " + BACKLOG + ")",
                "getsockname(" + fd + ")",
                "fcntl(" + fd + ", F_SETFD, 0)", "fcntl(" + fd + ", F_GETFD)");
    }

    /**
     * Gives a socket that listens already its descriptor.
     *
     * @param open the descriptor that the socket has
     * @param number the descriptor that the socket must have; {@link Listen#ANY}: any
     * @return the failure; null if the socket has the descriptor
     */
    StepOutcome.@Nullable Failed move(ListenSocket socket, int open, int number) {
        int fd = withNumber(open, number);
        String call = "fcntl(" + open + ", F_DUPFD_CLOEXEC, " + number + ")";
        if (number != Listen.ANY && fd != number) {
            return inUse(call, socket, number);
        }
        process.setStatusFlags(fd, Set.of()); // the program before may have set O_NONBLOCK
        process.listen(fd, BACKLOG); // and may have shortened the queue
        StepOutcome.Failed failed = check(fd, socket, call, call);
        CString file = socket.file();
        if (failed == null && file != null) {
            bound.adopt(file, process.lstat(file));
        }
        return failed == null && number != Listen.ANY ? inherit(fd) : failed;
    }

    /** Returns the descriptor that the socket has after the attempt to give it a number. */
    private int withNumber(int fd, int number) {
        if (number == Listen.ANY || fd == number) {
            return fd;
        }
        int duplicate = process.duplicateFrom(fd, number);
        process.close(fd);
        return duplicate;
    }

    private static StepOutcome.Failed inUse(String call, ListenSocket socket, int number) {
        return new StepOutcome.Failed(call, null,
                "descriptor " + number + " is in use; socket " + socket.text() + " needs it");
    }

    private StepOutcome.@Nullable Failed inherit(int fd) {
        process.setCloseOnExec(fd, false);
        return process.isCloseOnExec(fd)
                ? new StepOutcome.Failed("fcntl(" + fd + ", F_SETFD, 0)", null,
                        "the socket is close-on-exec: the program would not inherit it")
                : null;
    }

    private StepOutcome.@Nullable Failed bindAddress(int fd, ListenSocket socket) {
        if (socket.address() instanceof SocketAddress.Inet) {
            process.setsockopt(fd, SocketOption.SO_REUSEADDR, true);
        }
        try {
            process.bind(fd, socket.address());
            return null;
        } catch (PosixException e) {
            return conflict.explained(e, socket);
        }
    }

    private StepOutcome.@Nullable Failed listen(int fd, ListenSocket socket) {
        try {
            process.listen(fd, BACKLOG);
        } catch (PosixException e) {
            return conflict.explained(e, socket);
        }
        return check(fd, socket, "bind(" + fd + ", " + socket.text() + ")",
                "listen(" + fd + ", " + BACKLOG + ")");
    }

    /**
     * Checks that a socket has its address and listens. Then it counts as bound.
     *
     * @param binding the call that the address comes from
     * @param listening the call after which the socket listens
     */
    private StepOutcome.@Nullable Failed check(int fd, ListenSocket socket, String binding,
            String listening) {
        SocketAddress address;
        try {
            address = process.getsockname(fd);
        } catch (UnsupportedOperationException e) {
            return new StepOutcome.Failed("getsockname(" + fd + ")", null, String.valueOf(e.getMessage()));
        }
        if (!isAsked(address, socket.address())) {
            return new StepOutcome.Failed(binding, null, "the socket has the address " + address);
        }
        if (!isListed(process.fstat(fd).ino(), address)) {
            return new StepOutcome.Failed(listening, null,
                    "the kernel does not list " + address + " as a listening socket");
        }
        bound.add(new BoundSockets.Bound(socket.name(), fd, address));
        return null;
    }

    private static boolean isAsked(SocketAddress is, SocketAddress asked) {
        if (is instanceof SocketAddress.Inet inet && asked instanceof SocketAddress.Inet wanted) {
            int port = wanted.address().getPort();
            return inet.address().getAddress().equals(wanted.address().getAddress())
                    && (port == inet.address().getPort() || port == 0);
        }
        return is.equals(asked);
    }

    /** Returns whether the kernel lists the socket as listening; true if the lists cannot be read. */
    private boolean isListed(long inode, SocketAddress address) {
        try {
            return new ListeningSockets(pid).isListening(address, inode);
        } catch (IOException e) { // hidden from this user: getsockname must suffice
            return true;
        }
    }

    /**
     * Finds out whether {@link #bind} would fail. Does not listen, and does not create or remove a file.
     *
     * @param running a process that is stopped before the start; 0: none
     * @return the failure; null if none is found
     */
    StepOutcome.@Nullable Failed tryBind(ListenSocket socket, int running) {
        CString file = socket.file();
        if (file != null) {
            return files.tryBind(socket, file, running);
        }
        StepOutcome.Failed failed =
                bindAddress(process.socket(socket.address().family(), SocketType.SOCK_STREAM), socket);
        boolean isTolerated = failed != null && Errno.EADDRINUSE.equals(failed.errno())
                && conflict.isTolerated(socket, running);
        return isTolerated ? null : failed;
    }
}
