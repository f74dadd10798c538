package io.github.daemonsteps.relay;

import io.github.daemonsteps.ffm.NativePosix;
import io.github.daemonsteps.posix.ForkedProcessException;
import io.github.daemonsteps.posix.Posix;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The means to control one forked process: a control socket and a block of shared memory.
 *
 * @param block the memory
 * @param controlFd the launcher's end of the socket
 * @param childControl the number of the forked process's end; the launcher closes its copy once the child has
 *         inherited the end
 */
record RelayConnection(SharedBlock block, int controlFd, int childControl) {

    /**
     * The launcher's ends of all control sockets of this JVM. The monitor of the set is held while a socket
     * is created or closed, and during a fork. Every child therefore knows all the ends that it inherits, and
     * closes them first. With an end left open in a sibling, the process at the other end would never see end
     * of file.
     */
    private static final Set<Integer> LAUNCHER_ENDS = new LinkedHashSet<>();

    /**
     * A forked process.
     *
     * @param pid the id of the process
     * @param line the connection that controls the process
     * @param spare the connection for the process as a parent that stays; the process must have inherited the
     *         connection by then
     */
    record Forked(int pid, RelayConnection line, RelayConnection spare) {}

    /**
     * Forks this process into a relay.
     *
     * @param first the lowest descriptor that the forked process may use for its end of a control socket
     */
    static Forked fork(NativePosix posix, int first) {
        synchronized (LAUNCHER_ENDS) {
            try (var relay = RelayCode.map(posix); var making = new Making(posix, first)) {
                Posix.Pipe sockets = making.sockets();
                Posix.Pipe spareSockets = making.sockets();
                List<Integer> ends = new ArrayList<>(LAUNCHER_ENDS);
                ends.add(sockets.readEnd());
                ends.add(spareSockets.readEnd());
                RelayConnection line = making.line(sockets, ends);
                RelayConnection spare = making.line(spareSockets, ends);
                line.block().spare(spare.block());
                int pid;
                try (var _ = HeapExclusion.begin(posix)) {
                    pid = posix.fork(relay.code(), line.block().address());
                }
                if (pid <= 1 || pid == ProcessHandle.current().pid()) {
                    // A signal to such a process, or to its group, would hit this process or all processes.
                    throw new ForkedProcessException(
                            "fork(): returned " + pid + ", which is not the id of a child");
                }
                making.succeeded();
                LAUNCHER_ENDS.add(line.controlFd());
                LAUNCHER_ENDS.add(spare.controlFd());
                return new Forked(pid, line, spare);
            }
        }
    }

    /** Closes the launcher's end, so that the process at the other end sees end of file. */
    void close(NativePosix posix) {
        synchronized (LAUNCHER_ENDS) {
            LAUNCHER_ENDS.remove(controlFd);
            posix.closeQuietly(controlFd);
        }
    }

    /**
     * A creation of connections. A failed fork releases all that the creation has made. In any case this
     * process closes the child's ends.
     */
    private static final class Making implements AutoCloseable {

        private final NativePosix posix;
        private final int first;
        private final List<Integer> childEnds = new ArrayList<>();
        private final List<Integer> ownEnds = new ArrayList<>();
        private final List<SharedBlock> blocks = new ArrayList<>();

        Making(NativePosix posix, int first) {
            this.posix = posix;
            this.first = first;
        }

        /**
         * Creates a pair of sockets, the child's end not below the first descriptor that is free for it. The
         * lower numbers belong to the daemon: the launcher may run without descriptors 0, 1 or 2.
         */
        Posix.Pipe sockets() {
            Posix.Pipe sockets = posix.socketpair();
            ownEnds.add(sockets.readEnd());
            childEnds.add(sockets.writeEnd());
            if (sockets.writeEnd() >= first) {
                return sockets;
            }
            int above = posix.duplicateFrom(sockets.writeEnd(), first);
            childEnds.add(above);
            return new Posix.Pipe(sockets.readEnd(), above);
        }

        RelayConnection line(Posix.Pipe sockets, List<Integer> ends) {
            var block = new SharedBlock(posix, ends);
            blocks.add(block);
            block.control(sockets.writeEnd());
            return new RelayConnection(block, sockets.readEnd(), sockets.writeEnd());
        }

        void succeeded() {
            blocks.clear();
            ownEnds.clear();
        }

        @Override
        public void close() {
            for (SharedBlock block : blocks) {
                block.free();
            }
            closeAll(ownEnds);
            closeAll(childEnds);
        }

        private void closeAll(List<Integer> ends) {
            for (int end : ends) {
                posix.closeQuietly(end);
            }
        }
    }
}
