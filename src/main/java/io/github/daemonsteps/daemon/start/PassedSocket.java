package io.github.daemonsteps.daemon.start;

import io.github.daemonsteps.ffm.NativePosix;
import io.github.daemonsteps.posix.PosixException;
import io.github.daemonsteps.posix.SocketAddress;
import io.github.daemonsteps.process.Environment;
import io.github.daemonsteps.process.SupervisorVariables;
import io.github.daemonsteps.procfs.ListeningSockets;
import io.github.daemonsteps.steps.CloseDescriptors;
import io.github.daemonsteps.steps.StepOutcome;
import io.github.daemonsteps.steps.extra.ListenSocket;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import org.jspecify.annotations.Nullable;

/**
 * A descriptor that a supervisor has passed to this process; see sd_listen_fds(3).
 *
 * @param descriptor the descriptor
 * @param name its name in {@code LISTEN_FDNAMES}
 * @param address the address; null if the descriptor is not a stream socket that listens
 */
public record PassedSocket(int descriptor, String name, @Nullable SocketAddress address) {

    /**
     * Returns the descriptors that a supervisor has passed to this process. If one was not inherited, the
     * result is empty.
     *
     * @param environment the environment of this process
     * @param warnings receives a line if a descriptor was not inherited
     */
    public static List<PassedSocket> all(Environment environment, List<String> warnings) {
        SortedSet<Integer> descriptors =
                SupervisorVariables.descriptors(environment, ProcessHandle.current().pid());
        List<String> names = SupervisorVariables.descriptorNames(environment);
        List<PassedSocket> passed = new ArrayList<>();
        for (int fd : descriptors) {
            if (!isInherited(fd)) {
                warnings.add("LISTEN_FDS \"" + descriptors.size() + "\": descriptor " + fd
                        + " is not open; the program gets none of the descriptors");
                return List.of();
            }
            passed.add(new PassedSocket(fd, names.size() == descriptors.size()
                    ? names.get(passed.size())
                    : ListenSocket.UNNAMED, addressOf(fd)));
        }
        return List.copyOf(passed);
    }

    private static boolean isInherited(int fd) {
        try {
            return CloseDescriptors.checkInherited(fd) instanceof StepOutcome.Done;
        } catch (PosixException e) {
            return false;
        }
    }

    private static @Nullable SocketAddress addressOf(int fd) {
        NativePosix posix = NativePosix.get();
        try {
            SocketAddress address = posix.getsockname(fd);
            var sockets = new ListeningSockets((int) ProcessHandle.current().pid());
            return sockets.isListening(address, posix.fstat(fd).ino()) ? address : null;
        } catch (PosixException | UnsupportedOperationException | IOException e) {
            // a FIFO or a file, another family of sockets, or hidden tables
            return null;
        }
    }

    /** Returns the passed socket of the name of a configured one, or of its address. */
    static Optional<PassedSocket> of(ListenSocket wanted, List<PassedSocket> passed) {
        for (PassedSocket socket : passed) {
            if (!wanted.name().equals(ListenSocket.UNNAMED) && wanted.name().equals(socket.name())) {
                return Optional.of(socket);
            }
        }
        return passed.stream().filter(socket -> wanted.address().equals(socket.address())).findFirst();
    }
}
