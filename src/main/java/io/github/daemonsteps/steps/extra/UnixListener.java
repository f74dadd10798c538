package io.github.daemonsteps.steps.extra;

import io.github.daemonsteps.posix.CString;
import java.io.IOException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;

/** The question whether a process listens on the file of a Unix socket. */
final class UnixListener {

    private UnixListener() {
    }

    /**
     * Returns whether a process listens on a socket file, in any network namespace. Only a refused connection
     * shows that no process listens. The connection does not wait, and is closed at once.
     */
    static boolean isListening(CString path) {
        try (SocketChannel connection = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            connection.configureBlocking(false);
            connection.connect(UnixDomainSocketAddress.of(path.toPath()));
            return true;
        } catch (ConnectException e) {
            return false;
        } catch (IOException e) { // a socket of another type, or one that this user may not connect to
            return true;
        }
    }
}
