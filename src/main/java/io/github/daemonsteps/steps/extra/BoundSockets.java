package io.github.daemonsteps.steps.extra;

import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.Deadline;
import io.github.daemonsteps.posix.FileStatus;
import io.github.daemonsteps.posix.Posix;
import io.github.daemonsteps.posix.PosixException;
import io.github.daemonsteps.posix.SocketAddress;
import io.github.daemonsteps.text.TerminalSafe;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The sockets that {@link Listen} has bound, and their files. A caller that gives up can remove the files.
 * Several threads may use an object.
 */
public final class BoundSockets {

    /**
     * A bound socket.
     *
     * @param name the name of the socket
     * @param descriptor the descriptor
     * @param address the address; of port 0, the port that the kernel has chosen
     */
    public record Bound(String name, int descriptor, SocketAddress address) {

        /** Returns the address for people. */
        public String text() {
            return TerminalSafe.line(address.toString());
        }

        @Override
        public String toString() {
            return descriptor + " (" + name + ") " + text();
        }
    }

    /**
     * A file of a Unix socket.
     *
     * @param status the status after the binding; null if the file may not exist yet
     */
    private record SocketFile(CString path, @Nullable FileStatus status) {}

    private final List<Bound> sockets = new ArrayList<>();
    private final List<SocketFile> files = new ArrayList<>();

    /** Creates an empty list. */
    public BoundSockets() {
    }

    /** Returns the sockets, in the order in which they were bound. */
    public synchronized List<Bound> sockets() {
        return List.copyOf(sockets);
    }

    synchronized void add(Bound socket) {
        sockets.add(socket);
    }

    /** Notes a file before the binding that creates it: the process may end right after the call. */
    synchronized void expect(CString path) {
        files.add(new SocketFile(path, null));
    }

    /** Notes that the last binding has failed, so a file of the path belongs to another process. */
    synchronized void forgetLast() {
        files.removeLast();
    }

    /** Notes the file of a socket that was bound by another process. */
    synchronized void adopt(CString path, FileStatus status) {
        files.add(new SocketFile(path, status));
    }

    synchronized void created(FileStatus status) {
        files.add(new SocketFile(files.removeLast().path(), status));
    }

    /**
     * Removes the files of the sockets. A file that another process has put in the place of such a file
     * stays. The processes that have the sockets open must have ended.
     *
     * @param posix makes the calls
     */
    public synchronized void removeFiles(Posix posix) {
        long until = Deadline.in(DirectoryLock.PATIENCE);
        for (SocketFile file : files.reversed()) {
            try (var _ = DirectoryLock.acquire(posix, file.path().parent(), until)) {
                if (isOurs(file, posix.lstat(file.path()), posix)) {
                    posix.unlink(file.path());
                }
            } catch (PosixException e) {
                // The file does not exist, or stays: the next start replaces a socket without a listener.
            }
        }
        files.clear();
    }

    private static boolean isOurs(SocketFile file, FileStatus found, Posix posix) {
        FileStatus created = file.status();
        return created == null
                ? found.isSocket() && found.uid() == posix.getuid()
                        && !BoundFile.isBound(file.path())
                : found.isSameFileAs(created);
    }
}
