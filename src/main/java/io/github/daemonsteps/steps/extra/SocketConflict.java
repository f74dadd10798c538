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
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

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
        Entry listening = listening(socket);
        String who;
        if (listening == null) {
            who = "a process that cannot be identified has the address";
        } else {
            Optional<Holder> holder = ListeningSockets.holder(listening.inode());
            who = holder.isPresent()
                    ? "process " + holder.get().pid() + " (" + TerminalSafe.line(holder.get().name()) + ")"
                    : listening.user() < 0
                            ? "a process that this user may not see"
                            : "a process of user " + listening.user();
            who += " listens on " + text(listening, socket);
        }
        return new StepOutcome.Failed(call, Errno.EADDRINUSE, Errno.EADDRINUSE.text() + ": " + who
                + "; stop that process or choose another address");
    }

    private static String text(Entry listening, ListenSocket socket) {
        InetAddress address = listening.address();
        return address == null
                ? socket.text()
                : new SocketAddress.Inet(new InetSocketAddress(address, listening.port())).toString();
    }

    /**
     * Returns whether a process listens on a socket file. The table omits sockets of other network
     * namespaces; only a connection finds those. The connection comes last, since a simple program may exit
     * when a connection closes at once.
     */
    boolean isListening(ListenSocket socket, CString file) {
        return listening(socket) != null || UnixListener.isListening(file);
    }

    /**
     * Returns whether the socket that has the address belongs to a process that is stopped before the start,
     * or to its process group, which is stopped with it. An unknown holder counts as
     * that process, and so does an address without a listed socket.
     */
    boolean isTolerated(ListenSocket socket, int running) {
        Entry listening = listening(socket);
        if (listening == null || ListeningSockets.isOpenIn(running, listening.inode())) {
            return true;
        }
        Optional<Holder> holder = ListeningSockets.holder(listening.inode());
        return holder.isEmpty() || isInGroupOf(running, holder.get().pid());
    }

    private static boolean isInGroupOf(int running, int holder) {
        NativePosix posix = NativePosix.get();
        try {
            return posix.getpgid(holder) == posix.getpgid(running);
        } catch (PosixException e) { // one of them has ended
            return true;
        }
    }

    /** Returns the listening socket that already has the address; null if none is visible. */
    private @Nullable Entry listening(ListenSocket socket) {
        var sockets = new ListeningSockets(pid);
        try {
            return switch (socket.address()) {
                case SocketAddress.Inet inet -> sockets.tcp(entry -> overlaps(entry, inet.address()))
                        .orElse(null);
                case SocketAddress.Unix unix -> unix(sockets, unix.path());
            };
        } catch (IOException e) { // hidden from this user
            return null;
        }
    }

    private static @Nullable Entry unix(ListeningSockets sockets, CString path) throws IOException {
        String name = new String(path.bytes(), StandardCharsets.ISO_8859_1);
        return sockets.unixOf(name).orElse(null);
    }

    private static boolean overlaps(Entry entry, InetSocketAddress wanted) {
        InetAddress has = entry.address();
        return has != null && entry.port() == wanted.getPort() && (has.equals(wanted.getAddress())
                || has.isAnyLocalAddress() || wanted.getAddress().isAnyLocalAddress());
    }
}
