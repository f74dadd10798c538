package io.github.daemonsteps.posix;

/** An option of a socket that is on or off. See setsockopt(2). */
public enum SocketOption {
    /** Allows to bind a port on which connections of an earlier socket remain. See socket(7). */
    SO_REUSEADDR,
    /** Leaves IPv4 to other sockets: an IPv6 socket then has IPv6 addresses only. See ipv6(7). */
    IPV6_V6ONLY
}
