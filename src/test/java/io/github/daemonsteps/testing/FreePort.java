package io.github.daemonsteps.testing;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;

/** A port of 127.0.0.1 that no process listens on. */
public final class FreePort {

    private FreePort() {
    }

    /** Returns a port that the kernel chooses. */
    public static int find() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
            return socket.getLocalPort();
        }
    }
}
