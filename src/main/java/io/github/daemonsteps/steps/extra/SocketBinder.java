package io.github.daemonsteps.steps.extra;

import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.Errno;
import io.github.daemonsteps.posix.FileMode;
import io.github.daemonsteps.posix.FileStatus;
import io.github.daemonsteps.posix.OpenFlag;
import io.github.daemonsteps.posix.Posix;
import io.github.daemonsteps.posix.PosixException;
import io.github.daemonsteps.posix.SocketAddress;
import io.github.daemonsteps.posix.SocketOption;
import io.github.daemonsteps.posix.SocketType;
import io.github.daemonsteps.process.UserIdentity;
import io.github.daemonsteps.procfs.ListeningSockets;
import io.github.daemonsteps.steps.StepOutcome;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Binds sockets by a process, and checks by the kernel's tables that they listen. */
final class SocketBinder {

    /** The kernel lowers this number to {@code net.core.somaxconn}, whose default is the same. */
    private static final int BACKLOG = 4096;

    private static final int ALL_PERMISSIONS = 0777;

    private static final Set<OpenFlag> BY_PATH =
            Set.of(OpenFlag.O_RDONLY, OpenFlag.O_PATH, OpenFlag.O_NOFOLLOW, OpenFlag.O_CLOEXEC);

    private final Posix process;
    private final int pid;
    private final @Nullable UserIdentity user;
    private final BoundSockets bound;
    private final SocketConflict conflict;

    /**
     * @param user the user of the program; null: the user of the process
     * @param bound receives the sockets, and their files
     */
    SocketBinder(Posix process, int pid, @Nullable UserIdentity user, BoundSockets bound) {
        this.process = process;
        this.pid = pid;
        this.user = user;
        this.bound = bound;
        this.conflict = new SocketConflict(pid);
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
            calls.addAll(List.of("umask(" + umask(socket) + ")", bind, "umask(OLD)"));
            if (!owner.isUnchanged()) {
                calls.add("chown(" + file.quoted() + ", " + owner.uid() + ", " + owner.gid() + ")");
            }
        }
        calls.addAll(List.of("listen(" + fd + ", " + BACKLOG + ")", "getsockname(" + fd + ")",
                "fcntl(" + fd + ", F_SETFD, 0)", "fcntl(" + fd + ", F_GETFD)"));
        return calls;
    }

    private static FileMode mode(ListenSocket socket) {
        FileMode mode = socket.mode();
        return mode == null ? ListenSocket.DEFAULT_MODE : mode;
    }

    /** Returns the umask with which bind(2) creates the file with its mode. */
    private static FileMode umask(ListenSocket socket) {
        return FileMode.of(ALL_PERMISSIONS & ~mode(socket).bits());
    }

    /**
     * Binds a socket and listens on it.
     *
     * @param number the descriptor that the socket must have; {@link Listen#ANY}: any
     * @return the failure; null if the socket listens
     * @throws PosixException if a call fails that no advice helps with
     */
    StepOutcome.@Nullable Failed bind(ListenSocket socket, int number) {
        int fd = process.socket(socket.address().family(), SocketType.SOCK_STREAM);
        if (number != Listen.ANY && fd != number) {
            int moved = process.duplicateFrom(fd, number);
            process.close(fd);
            fd = moved;
        }
        if (number != Listen.ANY && fd != number) {
            return new StepOutcome.Failed("socket(" + socket.address().family() + ", SOCK_STREAM, 0)", null,
                    "descriptor " + number + " is in use, so socket " + socket.text() + " cannot have it");
        }
        CString file = socket.file();
        StepOutcome.Failed failed = file == null ? bindAddress(fd, socket) : bindFile(fd, socket, file);
        if (failed == null) {
            failed = listen(fd, socket);
        }
        if (failed == null && number != Listen.ANY) {
            process.setCloseOnExec(fd, false);
            if (process.isCloseOnExec(fd)) {
                failed = new StepOutcome.Failed("fcntl(" + fd + ", F_SETFD, 0)", null,
                        "the socket is close-on-exec: the program would not inherit it");
            }
        }
        return failed;
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

    private StepOutcome.@Nullable Failed bindFile(int fd, ListenSocket socket, CString file) {
        StepOutcome.Failed failed = removeStale(socket, file);
        if (failed != null) {
            return failed;
        }
        FileMode before = process.umask(umask(socket));
        bound.expect(file);
        try {
            process.bind(fd, socket.address());
        } catch (PosixException e) {
            if (e.call().function().equals("bind")) { // else only its reply is lost
                bound.forgetLast();
            }
            return conflict.explained(e, socket);
        }
        if (!process.umask(before).equals(umask(socket))) {
            return new StepOutcome.Failed("umask(" + umask(socket) + ")", null,
                    "the process had another umask while it created " + socket.text());
        }
        bound.created(process.lstat(file));
        return own(socket, file);
    }

    /**
     * Gives the new file to its owner, and checks it. The owner of the directory may replace the file at any
     * time. So the file is opened first, and the calls concern the opened file.
     */
    private StepOutcome.@Nullable Failed own(ListenSocket socket, CString file) {
        int opened = process.open(file, BY_PATH, FileMode.of(0));
        StepOutcome.Failed failed = check(process.fstat(opened), socket, SocketOwner.NO_CHANGE, file);
        SocketOwner owner = SocketOwner.of(socket, user);
        if (failed == null && !owner.isUnchanged()) {
            process.chown(CString.of("/proc/self/fd/" + opened), owner.uid(), owner.gid());
            failed = check(process.fstat(opened), socket, owner, file);
        }
        process.close(opened);
        return failed;
    }

    private StepOutcome.@Nullable Failed check(FileStatus file, ListenSocket socket, SocketOwner owner,
            CString path) {
        String wrong = null;
        if (!file.isSocket() || file.nlink() != 1) {
            wrong = "was replaced while it was bound";
        } else if (!file.permissions().equals(mode(socket))) {
            wrong = "has mode " + file.permissions() + ", and should have " + mode(socket);
        } else if (!owner.owns(file, process.getuid())) {
            wrong = "belongs to user " + file.uid() + " and group " + file.gid();
        }
        return wrong == null
                ? null
                : new StepOutcome.Failed("bind(" + path.quoted() + ")", null, "the file " + wrong);
    }

    private StepOutcome.@Nullable Failed listen(int fd, ListenSocket socket) {
        try {
            process.listen(fd, BACKLOG);
        } catch (PosixException e) {
            return conflict.explained(e, socket);
        }
        SocketAddress address;
        try {
            address = process.getsockname(fd);
        } catch (UnsupportedOperationException e) {
            return new StepOutcome.Failed("getsockname(" + fd + ")", null, String.valueOf(e.getMessage()));
        }
        if (!isAsked(address, socket.address())) {
            return new StepOutcome.Failed("bind(" + fd + ", " + socket.text() + ")", null,
                    "the socket has the address " + address);
        }
        if (!isListed(process.fstat(fd).ino(), address)) {
            return new StepOutcome.Failed("listen(" + fd + ", " + BACKLOG + ")", null,
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
        var sockets = new ListeningSockets(pid);
        try {
            return address instanceof SocketAddress.Inet
                    ? sockets.tcp(inode).isPresent()
                    : sockets.unix(entry -> entry.inode() == inode).isPresent();
        } catch (IOException e) { // hidden from this user: getsockname must suffice
            return true;
        }
    }

    /** Removes the file of a socket that no process listens on. Any other file stays, and is a failure. */
    private StepOutcome.@Nullable Failed removeStale(ListenSocket socket, CString file) {
        FileStatus found = existing(file);
        if (found == null) {
            return null;
        }
        StepOutcome.Failed failed = check(found, socket, file, 0);
        if (failed == null && found.isSameFileAs(process.lstat(file))) {
            process.unlink(file);
        }
        return failed;
    }

    private @Nullable FileStatus existing(CString file) {
        try {
            return process.lstat(file);
        } catch (PosixException e) {
            if (e.errno().equals(Errno.ENOENT)) {
                return null;
            }
            throw e;
        }
    }

    /**
     * Checks that a file is the socket of a process that has ended.
     *
     * @param running a process that may listen on the file, since it is stopped before the start; 0: none
     */
    private StepOutcome.@Nullable Failed check(FileStatus found, ListenSocket socket, CString file,
            int running) {
        String call = "bind(" + file.quoted() + ")";
        String problem = null;
        if (!found.isSocket()) {
            problem = "the file is not a socket";
        } else if (!isTrusted(found, socket)) {
            problem = "the socket belongs to user " + found.uid() + ", who is not trusted";
        } else if (UnixListener.isListening(file)
                && !(running > 0 && conflict.isTolerated(socket, running))) {
            return conflict.inUse(call, socket);
        }
        return problem == null
                ? null
                : new StepOutcome.Failed(call, Errno.EEXIST,
                        problem + ", and stays; remove the file or choose another path");
    }

    /** Returns whether a file belongs to root, to the user of the process, or to whom this start gives it. */
    private boolean isTrusted(FileStatus file, ListenSocket socket) {
        long owner = file.uid();
        return owner == 0 || owner == process.getuid() || owner == SocketOwner.of(socket, user).uid();
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
            FileStatus found = existing(file);
            return found == null ? null : check(found, socket, file, running);
        }
        int fd = process.socket(socket.address().family(), SocketType.SOCK_STREAM);
        if (socket.address() instanceof SocketAddress.Inet) {
            process.setsockopt(fd, SocketOption.SO_REUSEADDR, true);
        }
        try {
            process.bind(fd, socket.address());
            return null;
        } catch (PosixException e) {
            return e.errno().equals(Errno.EADDRINUSE) && running > 0 && conflict.isTolerated(socket, running)
                    ? null
                    : conflict.explained(e, socket);
        }
    }
}
