package io.github.daemonsteps.posix;

/** The type of a socket. See socket(2). */
public enum SocketType {
    /** Carries a stream of bytes, over a connection. */
    SOCK_STREAM,
    /** Carries datagrams, each sent and received as a whole. */
    SOCK_DGRAM
}
