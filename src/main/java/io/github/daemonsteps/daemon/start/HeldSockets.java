package io.github.daemonsteps.daemon.start;

import io.github.daemonsteps.ffm.NativePosix;
import io.github.daemonsteps.posix.PosixException;
import io.github.daemonsteps.process.UserIdentity;
import io.github.daemonsteps.procfs.ListeningSockets;
import io.github.daemonsteps.procfs.ListeningSockets.Entry;
import io.github.daemonsteps.steps.extra.Listen;
import io.github.daemonsteps.steps.extra.ListenSocket;
import io.github.daemonsteps.text.IoReason;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * The listening sockets of a daemon that is stopped and started again. This process has duplicates of them
 * until the next daemon has the sockets. So no connection is refused meanwhile: the kernel queues it.
 *
 * <p>A socket that cannot be duplicated is left out, and is bound anew. A process may duplicate the
 * descriptors of a process that it may trace; see pidfd_getfd(2).
 */
final class HeldSockets implements AutoCloseable {

    private final NativePosix posix;
    private final @Nullable UserIdentity user;
    private final Map<ListenSocket, Integer> descriptors = new LinkedHashMap<>();
    private @Nullable String problem;

    /**
     * Creates an empty set.
     *
     * @param user the user of the next daemon; null: the user of this process
     */
    HeldSockets(NativePosix posix, @Nullable UserIdentity user) {
        this.posix = posix;
        this.user = user;
    }

    /**
     * Duplicates those sockets that a process has.
     *
     * @param sockets the sockets of the next daemon
     * @param daemon the process
     * @param lowest the lowest descriptor for a duplicate
     */
    void hold(List<ListenSocket> sockets, int daemon, int lowest) {
        try {
            int pidfd = posix.pidfd_open(daemon);
            try {
                for (ListenSocket socket : sockets) {
                    hold(socket, daemon, pidfd, lowest);
                }
            } finally {
                posix.closeQuietly(pidfd);
            }
        } catch (PosixException e) { // the process has ended, or this user may not trace it
            problem = e.getMessage();
        } catch (IOException e) { // the tables are hidden from this user
            problem = IoReason.of(e);
        }
    }

    private void hold(ListenSocket socket, int daemon, int pidfd, int lowest) throws IOException {
        Optional<Entry> listening = new ListeningSockets(daemon).of(socket.address(), daemon);
        OptionalInt fd = listening.isEmpty()
                ? OptionalInt.empty()
                : ListeningSockets.descriptor(daemon, listening.get().inode());
        if (fd.isEmpty()) {
            return;
        }
        int duplicate = posix.pidfd_getfd(pidfd, fd.getAsInt());
        try {
            if (posix.fstat(duplicate).ino() == listening.get().inode()) {
                posix.listen(duplicate, Listen.BACKLOG); // the program may have shortened the queue
                descriptors.put(socket, posix.duplicateFrom(duplicate, lowest));
            }
        } finally {
            posix.closeQuietly(duplicate);
        }
    }

    /**
     * Returns the descriptors of the sockets that still listen, that no other program has, and whose files
     * are as configured. Closes the others: an address can only be bound again if no process has its
     * socket. If a process that has left the daemon's process group has one, the start fails, as any start
     * does then.
     */
    Map<ListenSocket, Integer> listening() {
        descriptors.entrySet().removeIf(held -> {
            boolean isUsable = isUsable(held.getKey(), held.getValue());
            if (!isUsable) {
                posix.closeQuietly(held.getValue());
            }
            return !isUsable;
        });
        return Map.copyOf(descriptors);
    }

    private boolean isUsable(ListenSocket socket, int fd) {
        try {
            int pid = posix.getpid();
            Optional<Entry> listening = new ListeningSockets(pid).of(socket.address(), pid);
            long inode = posix.fstat(fd).ino();
            return listening.isPresent() && listening.get().inode() == inode && !posix.hasHungUp(fd)
                    && ListeningSockets.holder(inode, other -> other != pid
                            && !ListeningSockets.isOfLauncher(other, inode)).isEmpty()
                    && Listen.hasConfiguredFile(socket, user, posix);
        } catch (PosixException | IOException e) {
            return false;
        }
    }

    /** Returns a warning if not all sockets could be duplicated. */
    List<String> warnings() {
        return problem == null
                ? List.of()
                : List.of("the sockets did not stay open during the restart: " + problem);
    }

    @Override
    public void close() {
        descriptors.values().forEach(posix::closeQuietly);
        descriptors.clear();
    }
}
