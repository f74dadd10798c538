package io.github.daemonsteps.daemon.start;

import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.SocketAddress;
import io.github.daemonsteps.procfs.ListeningSockets;
import io.github.daemonsteps.procfs.ListeningSockets.Entry;
import io.github.daemonsteps.text.AsciiNumber;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A listening socket that a supervisor has made descriptor 0, as inetd(8) does, and systemd for a service
 * with {@code StandardInput=socket}. The variables of sd_listen_fds(3) do not tell of it.
 */
public final class StdinSocket {

    private static final Path DESCRIPTOR = Path.of("/proc/self/fd/0");

    private static final Pattern SOCKET = Pattern.compile("socket:\\[([0-9]+)\\]");

    private StdinSocket() {
    }

    /**
     * Returns the address of descriptor 0; empty unless it is a stream socket that listens. Makes no native
     * call.
     */
    public static Optional<SocketAddress> address() {
        try {
            Matcher link = SOCKET.matcher(Files.readSymbolicLink(DESCRIPTOR).toString());
            return link.matches() ? address(AsciiNumber.parseLong(link.group(1))) : Optional.empty();
        } catch (IOException e) { // closed, or the tables are hidden
            return Optional.empty();
        }
    }

    private static Optional<SocketAddress> address(long inode) throws IOException {
        var sockets = new ListeningSockets((int) ProcessHandle.current().pid());
        Optional<Entry> tcp = sockets.tcp(entry -> entry.inode() == inode);
        if (tcp.isPresent()) {
            return tcp.map(entry -> new SocketAddress.Inet(
                    new InetSocketAddress(entry.address(), entry.port())));
        }
        // The table shows a path as bytes, and the initial zero of an abstract address as @.
        return sockets.unix(entry -> entry.inode() == inode).map(entry -> new SocketAddress.Unix(
                CString.ofBytes(entry.path().getBytes(StandardCharsets.ISO_8859_1))));
    }
}
