package io.github.daemonsteps.steps.extra;

import io.github.daemonsteps.ffm.NativePosix;
import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.Errno;
import io.github.daemonsteps.posix.PosixException;
import io.github.daemonsteps.posix.SocketAddress;
import io.github.daemonsteps.procfs.ListeningSockets;
import io.github.daemonsteps.procfs.ListeningSockets.Entry;
import io.github.daemonsteps.procfs.ListeningSockets.Holder;
import io.github.daemonsteps.procfs.ProcFile;
import io.github.daemonsteps.steps.StepOutcome;
import io.github.daemonsteps.text.AsciiNumber;
import io.github.daemonsteps.text.TerminalSafe;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The reason why an address cannot be bound, with advice. */
final class SocketConflict {

    private static final Errno EADDRNOTAVAIL = Errno.named("EADDRNOTAVAIL").orElseThrow();

    private static final Path UNPRIVILEGED = Path.of("/proc/sys/net/ipv4/ip_unprivileged_port_start");

    private static final String NOT_PRIVILEGED =
            "; start as root with --user, which gives up root after the binding, or give the program of this"
                    + " start CAP_NET_BIND_SERVICE, or choose a higher port";

    private final int pid;

    /** @param pid the process that binds the sockets */
    SocketConflict(int pid) {
        this.pid = pid;
    }

    /** Returns the failure of bind(2) or listen(2). */
    StepOutcome.Failed explained(PosixException e, ListenSocket socket) {
        String call = e.call().text();
        if (e.errno().equals(Errno.EADDRINUSE)) {
            return inUse(call, socket);
        } else if (e.errno().equals(EADDRNOTAVAIL)) {
            return failed(e, "; no interface of this system has the address of " + socket.text());
        } else if (e.errno().equals(Errno.EACCES) && socket.address() instanceof SocketAddress.Inet inet) {
            return failed(e, privileged(inet.address().getPort()));
        } else if (socket.file() != null) {
            return failed(e, " for the file " + socket.text());
        }
        return failed(e, "");
    }

    private static StepOutcome.Failed failed(PosixException e, String advice) {
        return new StepOutcome.Failed(e.call().text(), e.errno(), e.errno().text() + advice);
    }

    private static String privileged(int port) {
        try {
            int first = AsciiNumber.parseInt(ProcFile.setting(UNPRIVILEGED));
            if (port >= first) {
                return "";
            }
            return ": only root can bind port " + port + ", which is below " + first
                    + " (net.ipv4.ip_unprivileged_port_start)" + NOT_PRIVILEGED;
        } catch (IOException e) { // a /proc without these settings
            return NOT_PRIVILEGED;
        }
    }

    /**
     * Returns the failure for an address that is in use.
     *
     * @param call the call that needs the address
     */
    StepOutcome.Failed inUse(String call, ListenSocket socket) {
        String who = "a process that cannot be identified has the address";
        String advice = "; stop that process or choose another address";
        for (Entry entry : listening(socket)) {
            Optional<Holder> holder = ListeningSockets.holder(entry.inode());
            String listens = " listens on " + text(entry, socket);
            if (holder.isPresent()) {
                if (ListeningSockets.isOfLauncher(holder.get().pid(), entry.inode())) {
                    advice = " for a restart; try again after its end";
                }
                who = "process " + holder.get().pid() + " (" + TerminalSafe.line(holder.get().name()) + ")"
                        + listens;
                break;
            }
            who = (entry.user() < 0
                    ? "a process that cannot be identified"
                    : "a process of user " + entry.user())
                    + listens;
        }
        return new StepOutcome.Failed(call, Errno.EADDRINUSE, Errno.EADDRINUSE.text() + ": " + who + advice);
    }

    private static String text(Entry listening, ListenSocket socket) {
        InetAddress address = listening.address();
        return address == null
                ? socket.text()
                : new SocketAddress.Inet(new InetSocketAddress(address, listening.port())).toString();
    }

    /**
     * Returns whether another launcher has the address for a restart, or had it until now. Such a launcher
     * gives the address up when it ends, or when it finds another start under way.
     */
    boolean isPassing(ListenSocket socket) {
        List<Entry> listening = listening(socket);
        return listening.isEmpty() ? mayBeFree(socket) : isPassing(listening, socket);
    }

    /** Returns whether an address that was in use may be free now. No listening socket has it. */
    private static boolean mayBeFree(ListenSocket socket) {
        CString file = socket.file();
        if (file != null) {
            return !BoundFile.isBound(file);
        }
        return !(socket.address() instanceof SocketAddress.Inet inet) || inet.address().getPort() > 0;
    }

    /** Returns whether a launcher has a socket. A socket of this user without a process is being closed. */
    private static boolean isPassing(List<Entry> listening, ListenSocket socket) {
        return isOfLauncher(listening) || listening.stream().anyMatch(
                entry -> isOfThisUser(entry, socket) && ListeningSockets.holder(entry.inode()).isEmpty());
    }

    /**
     * Returns whether a socket may be of this user. The kernel's table has the user of a TCP socket only. The
     * file of a Unix socket may belong to the daemon's user if root has bound it.
     */
    private static boolean isOfThisUser(Entry entry, ListenSocket socket) {
        NativePosix posix = NativePosix.get();
        long own = posix.getuid();
        if (entry.user() >= 0) {
            return entry.user() == own;
        }
        CString file = socket.file();
        return file == null || own == 0 || posix.tryStat(file).filter(it -> it.uid() == own).isPresent();
    }

    private static boolean isOfLauncher(List<Entry> listening) {
        for (Entry entry : listening) {
            if (ListeningSockets
                    .holder(entry.inode(), pid -> ListeningSockets.isOfLauncher(pid, entry.inode()))
                    .isPresent()) {
                return true;
            }
        }
        return false;
    }

    /**
     * Returns whether the socket that has the address belongs to a process that is stopped before the start,
     * or to its process group, which is stopped with it. An unknown holder counts as that process, and so
     * does an address without a listed socket. A launcher that restarts the daemon at the same time counts
     * too.
     *
     * @param running the process; 0: none
     */
    boolean isTolerated(ListenSocket socket, int running) {
        List<Entry> listening = listening(socket);
        for (Entry entry : listening) {
            // A line with the path of a Unix socket may be forged, but not the descriptors of the process.
            if (running != 0 && ListeningSockets.isOpenIn(running, entry.inode())) {
                return true;
            }
        }
        if (isPassing(listening, socket)) { // looks at all processes, so it comes after the one process
            return true;
        } else if (running == 0) {
            return false;
        }
        for (Entry entry : listening) {
            Optional<Holder> holder = ListeningSockets.holder(entry.inode());
            if (holder.isPresent()) {
                return isInGroupOf(running, holder.get().pid());
            }
        }
        return true;
    }

    private static boolean isInGroupOf(int running, int holder) {
        NativePosix posix = NativePosix.get();
        try {
            return posix.getpgid(holder) == posix.getpgid(running);
        } catch (PosixException e) { // one of them has ended
            return true;
        }
    }

    /** Returns the listening sockets that the kernel lists with the address. */
    private List<Entry> listening(ListenSocket socket) {
        var sockets = new ListeningSockets(pid);
        try {
            return switch (socket.address()) {
                case SocketAddress.Inet inet -> sockets.tcp(entry -> overlaps(entry, inet.address()))
                        .stream().toList();
                case SocketAddress.Unix unix -> sockets.unixOf(unix.path());
            };
        } catch (IOException e) { // hidden from this user
            return List.of();
        }
    }

    private static boolean overlaps(Entry entry, InetSocketAddress wanted) {
        InetAddress has = entry.address();
        return has != null && entry.port() == wanted.getPort() && (has.equals(wanted.getAddress())
                || has.isAnyLocalAddress() || wanted.getAddress().isAnyLocalAddress());
    }
}
