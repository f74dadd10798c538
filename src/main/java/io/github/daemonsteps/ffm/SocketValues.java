package io.github.daemonsteps.ffm;

import io.github.daemonsteps.ffm.libc.Libc;
import io.github.daemonsteps.posix.SocketFamily;
import io.github.daemonsteps.posix.SocketOption;
import io.github.daemonsteps.posix.SocketType;

/**
 * The numbers of the values of sockets. They are not in {@link NativeValues}: the first switch over one enum
 * loads every enum over which its class switches, and most starts do not use a socket.
 */
final class SocketValues {

    private SocketValues() {
    }

    static int number(SocketFamily family) {
        return switch (family) {
            case AF_INET -> Libc.AF_INET();
            case AF_INET6 -> Libc.AF_INET6();
            case AF_UNIX -> Libc.AF_UNIX();
        };
    }

    static int number(SocketType type) {
        return switch (type) {
            case SOCK_STREAM -> Libc.SOCK_STREAM();
            case SOCK_DGRAM -> Libc.SOCK_DGRAM();
        };
    }

    static int number(SocketOption option) {
        return switch (option) {
            case SO_REUSEADDR -> Libc.SO_REUSEADDR();
            case IPV6_V6ONLY -> Libc.IPV6_V6ONLY();
        };
    }

    /** Returns the protocol level of an option. */
    static int level(SocketOption option) {
        return switch (option) {
            case SO_REUSEADDR -> Libc.SOL_SOCKET();
            case IPV6_V6ONLY -> Libc.IPPROTO_IPV6();
        };
    }

    /** Returns the name of the protocol level of an option. */
    static String levelName(SocketOption option) {
        return switch (option) {
            case SO_REUSEADDR -> "SOL_SOCKET";
            case IPV6_V6ONLY -> "IPPROTO_IPV6";
        };
    }
}
