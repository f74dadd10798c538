package io.github.daemonsteps.posix;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/** The text of an internet address with a port, as users write it. */
final class SocketAddressText {

    private static final int GROUPS = 8;

    private SocketAddressText() {
    }

    static String of(InetSocketAddress socketAddress) {
        InetAddress address = socketAddress.getAddress();
        String host =
                address instanceof Inet6Address ipv6 ? "[" + text(ipv6) + "]" : address.getHostAddress();
        return host + ":" + socketAddress.getPort();
    }

    /** Returns the text of RFC 5952: {@code ::} stands for the longest run of groups that are zero. */
    private static String text(Inet6Address address) {
        byte[] bytes = address.getAddress();
        int start = 0;
        int length = 0;
        for (int from = 0; from < GROUPS; from++) {
            int to = from;
            while (to < GROUPS && group(bytes, to) == 0) {
                to++;
            }
            if (to - from > length) {
                start = from;
                length = to - from;
            }
        }
        String text = length < 2
                ? groups(bytes, 0, GROUPS)
                : groups(bytes, 0, start) + "::" + groups(bytes, start + length, GROUPS);
        return address.getScopeId() == 0 ? text : text + "%" + address.getScopeId();
    }

    private static String groups(byte[] bytes, int from, int to) {
        var text = new StringBuilder();
        for (int i = from; i < to; i++) {
            text.append(i == from ? "" : ":").append(Integer.toHexString(group(bytes, i)));
        }
        return text.toString();
    }

    private static int group(byte[] bytes, int index) {
        return ((bytes[2 * index] & 0xff) << 8) | (bytes[2 * index + 1] & 0xff);
    }
}
