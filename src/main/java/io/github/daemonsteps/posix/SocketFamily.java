package io.github.daemonsteps.posix;

/** The address family of a socket. See socket(2). */
public enum SocketFamily {
    /** Has IPv4 addresses. See ip(7). */
    AF_INET,
    /** Has IPv6 addresses, and by default IPv4 addresses too. See ipv6(7). */
    AF_INET6,
    /** Has Unix addresses: paths and abstract names. See unix(7). */
    AF_UNIX
}
