package io.github.daemonsteps.steps.extra;

import io.github.daemonsteps.posix.SocketAddress;
import io.github.daemonsteps.procfs.ProcFile;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;

/**
 * Two sockets of one start that the kernel does not let listen at the same time. A trial does not find such a
 * conflict, since a trial does not listen.
 */
final class SocketOverlap {

    private static final Path IPV6_ONLY = Path.of("/proc/sys/net/ipv6/bindv6only");

    private SocketOverlap() {
    }

    /**
     * Checks sockets that one process listens on.
     *
     * @throws IllegalArgumentException if two of them need the same address
     */
    static void check(List<ListenSocket> sockets) {
        for (int i = 0; i < sockets.size(); i++) {
            for (ListenSocket other : sockets.subList(0, i)) {
                ListenSocket socket = sockets.get(i);
                if (overlap(socket.address(), other.address())) {
                    throw new IllegalArgumentException("socket " + socket.text() + ": needs the address of "
                            + "socket " + other.text() + "; leave one of them out");
                }
            }
        }
    }

    private static boolean overlap(SocketAddress one, SocketAddress other) {
        if (one instanceof SocketAddress.Inet inet && other instanceof SocketAddress.Inet inet2) {
            return overlap(inet.address(), inet2.address());
        }
        return one.equals(other);
    }

    private static boolean overlap(InetSocketAddress one, InetSocketAddress other) {
        if (one.getPort() != other.getPort() || one.getPort() == 0) {
            return false;
        }
        return one.getAddress().equals(other.getAddress())
                || includes(one.getAddress(), other.getAddress())
                || includes(other.getAddress(), one.getAddress());
    }

    private static boolean includes(InetAddress all, InetAddress one) {
        boolean sameFamily = all instanceof Inet6Address == one instanceof Inet6Address;
        return all.isAnyLocalAddress()
                && (sameFamily || (all instanceof Inet6Address && servesIpv4()));
    }

    private static boolean servesIpv4() {
        try {
            return !ProcFile.setting(IPV6_ONLY).equals("1");
        } catch (IOException e) { // a /proc without these settings: bind tells
            return false;
        }
    }
}
