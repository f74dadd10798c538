package io.github.daemonsteps.steps.extra;

import io.github.daemonsteps.ffm.NativePosix;
import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.Errno;
import io.github.daemonsteps.posix.PosixException;
import io.github.daemonsteps.posix.SocketAddress;
import io.github.daemonsteps.posix.SocketFamily;
import io.github.daemonsteps.posix.SocketType;

/** The question whether a socket file belongs to a socket that is open. */
final class BoundFile {

    private static final Errno ECONNREFUSED = Errno.named("ECONNREFUSED").orElseThrow();

    private static final int NO_DESCRIPTOR = -1;

    private BoundFile() {
    }

    /**
     * Returns whether a process has a socket open that is bound to a file, in any network namespace. An empty
     * datagram tells: the kernel refuses it if no socket is bound to the file, and reports another type if a
     * stream socket is. So the process does not notice the question, as it would a connection.
     *
     * @return true also if this user may not ask
     */
    static boolean isBound(CString path) {
        NativePosix posix = NativePosix.get();
        int datagrams = posix.socket(SocketFamily.AF_UNIX, SocketType.SOCK_DGRAM);
        try {
            posix.sendmsg(datagrams, new SocketAddress.Unix(path), new byte[0], NO_DESCRIPTOR);
            return true;
        } catch (PosixException e) {
            return !e.errno().equals(ECONNREFUSED);
        } finally {
            posix.closeQuietly(datagrams);
        }
    }
}
