package io.github.daemonsteps.posix;

import java.net.Inet4Address;
import java.net.InetSocketAddress;

/** The address of a socket. */
public sealed interface SocketAddress {

    /** Returns the family of the sockets that can have this address. */
    SocketFamily family();

    /**
     * An internet address with a port. See ip(7) and ipv6(7).
     *
     * @param address the address; port 0 lets bind(2) choose a port
     */
    record Inet(InetSocketAddress address) implements SocketAddress {

        /**
         * Creates an address.
         *
         * @throws IllegalArgumentException if the address is not resolved
         */
        public Inet {
            if (address.isUnresolved()) {
                throw new IllegalArgumentException("socket address '" + address.getHostString() + ":"
                        + address.getPort() + "': the host name is not resolved; use an address of the host");
            }
        }

        @Override
        public SocketFamily family() {
            return address.getAddress() instanceof Inet4Address
                    ? SocketFamily.AF_INET
                    : SocketFamily.AF_INET6;
        }

        /** Returns the address as users write it: {@code 127.0.0.1:80} or {@code [::1]:80}. */
        @Override
        public String toString() {
            return SocketAddressText.of(address);
        }
    }

    /**
     * A Unix address. See unix(7).
     *
     * @param path the path of a socket file; {@code @} and a name for an abstract address, for which no file
     *         exists; empty for a socket without an address. A relative path that begins with {@code @} is
     *         written with {@code ./}
     */
    record Unix(CString path) implements SocketAddress {

        /** The maximum number of bytes of a path, without the NUL that ends it. */
        public static final int MAX_PATH_BYTES = 107;

        /**
         * Creates an address.
         *
         * @throws IllegalArgumentException if a path has more than 107 bytes, or an abstract address more
         *         than 108, with its {@code @}
         */
        public Unix {
            boolean isAbstract = isAbstract(path);
            int most = isAbstract ? MAX_PATH_BYTES + 1 : MAX_PATH_BYTES;
            if (path.length() > most) {
                throw new IllegalArgumentException((isAbstract ? "abstract socket address " : "socket path ")
                        + path.quoted() + ": has " + path.length() + " bytes; use at most " + most);
            }
        }

        /** Returns whether the address is a name without a file. */
        public boolean isAbstract() {
            return isAbstract(path);
        }

        private static boolean isAbstract(CString path) {
            return path.indexOf('@') == 0;
        }

        @Override
        public SocketFamily family() {
            return SocketFamily.AF_UNIX;
        }

        /** Returns the path as users write it: {@code /run/app.sock} or {@code @app}. */
        @Override
        public String toString() {
            return path.toString();
        }
    }
}
