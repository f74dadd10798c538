package io.github.daemonsteps.relay;

import io.github.daemonsteps.ffm.NativePosix;
import io.github.daemonsteps.posix.ForkedProcessException;
import io.github.daemonsteps.posix.Posix;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * What one forked process is led by: a control socket and a block of shared memory.
 *
 * @param block the memory
 * @param controlFd the launcher's end of the socket
 * @param childControl the forked process's end; its number alone, for here it is closed once it has been
 *        inherited
 */
record RelayConnection(SharedBlock block, int controlFd, int childControl) {

    /**
     * The launcher's ends of all control sockets of this JVM; held while one is made, closed, and while
     * forking. So every child knows all those that it inherits and closes them first. One that stayed open in
     * a sibling would keep that from ever seeing end of file.
     */
    private static final Set<Integer> LAUNCHER_ENDS = new LinkedHashSet<>();

    /**
     * A forked process.
     *
     * @param pid its id
     * @param line what it is led by
     * @param spare what it will be led by if it forks and stays: it must have inherited that
     */
    record Forked(int pid, RelayConnection line, RelayConnection spare) {}

    /** Forks this process into a relay. */
    static Forked fork(NativePosix posix) {
        synchronized (LAUNCHER_ENDS) {
            try (var relay = RelayCode.map(posix); var making = new Making(posix)) {
                Posix.Pipe sockets = making.sockets();
                Posix.Pipe spareSockets = making.sockets();
                List<Integer> ends = new ArrayList<>(LAUNCHER_ENDS);
                ends.add(sockets.readEnd());
                ends.add(spareSockets.readEnd());
                RelayConnection line = making.line(sockets, ends);
                RelayConnection spare = making.line(spareSockets, ends);
                line.block().spare(spare.block());
                int pid = posix.fork(relay.code(), line.block().address());
                if (pid <= 1 || pid == ProcessHandle.current().pid()) {
                    // To signal such a process, or its group, would hit us or everybody.
                    throw new ForkedProcessException("fork(): returned " + pid + ", which is no child's id");
                }
                making.succeeded();
                LAUNCHER_ENDS.add(line.controlFd());
                LAUNCHER_ENDS.add(spare.controlFd());
                return new Forked(pid, line, spare);
            }
        }
    }

    /** End of file, for a process that waits at the other end. */
    void close(NativePosix posix) {
        synchronized (LAUNCHER_ENDS) {
            LAUNCHER_ENDS.remove(controlFd);
            posix.closeQuietly(controlFd);
        }
    }

    /** Makes lines. Keeps nothing of them if the fork fails, and in any case no end that is a child's. */
    private static final class Making implements AutoCloseable {

        private final NativePosix posix;
        private final Deque<Runnable> always = new ArrayDeque<>();
        private final Deque<Runnable> onFailure = new ArrayDeque<>();

        Making(NativePosix posix) {
            this.posix = posix;
        }

        /**
         * A launcher may itself run without 0, 1 or 2, but these numbers belong to the daemon: the child's
         * end is above them.
         */
        Posix.Pipe sockets() {
            Posix.Pipe sockets = posix.socketpair();
            onFailure.push(() -> posix.closeQuietly(sockets.readEnd()));
            always.push(() -> posix.closeQuietly(sockets.writeEnd()));
            if (sockets.writeEnd() > 2) {
                return sockets;
            }
            int above = posix.duplicateFrom(sockets.writeEnd(), 3);
            always.push(() -> posix.closeQuietly(above));
            return new Posix.Pipe(sockets.readEnd(), above);
        }

        RelayConnection line(Posix.Pipe sockets, List<Integer> ends) {
            var block = new SharedBlock(posix, ends);
            onFailure.push(block::free);
            block.control(sockets.writeEnd());
            return new RelayConnection(block, sockets.readEnd(), sockets.writeEnd());
        }

        void succeeded() {
            onFailure.clear();
        }

        @Override
        public void close() {
            onFailure.forEach(Runnable::run);
            always.forEach(Runnable::run);
        }
    }
}
