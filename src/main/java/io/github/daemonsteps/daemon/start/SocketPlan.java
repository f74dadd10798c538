package io.github.daemonsteps.daemon.start;

import io.github.daemonsteps.daemon.Readiness;
import io.github.daemonsteps.daemon.config.DaemonConfig;
import io.github.daemonsteps.daemon.files.FileRefusedException;
import io.github.daemonsteps.daemon.files.SocketFile;
import io.github.daemonsteps.ffm.NativePosix;
import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.process.Environment;
import io.github.daemonsteps.process.SupervisorVariables;
import io.github.daemonsteps.process.UserIdentity;
import io.github.daemonsteps.steps.extra.BoundSockets;
import io.github.daemonsteps.steps.extra.Listen;
import io.github.daemonsteps.steps.extra.ListenSocket;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The sockets that a program inherits, in the order of their descriptors: first those that a supervisor has
 * passed to this process, then those that are bound for the program. See sd_listen_fds(3).
 *
 * <p>A configured socket is not bound if the supervisor has passed one of its name, or of its address. So the
 * same configuration serves a start from a shell and one by a supervisor.
 *
 * @param passed the sockets that a supervisor has passed to this process
 * @param toBind the sockets to bind
 * @param onStdin the descriptor of the socket that becomes descriptor 0 too; {@link Listen#NONE}: none
 * @param warnings one line each
 * @param held descriptors of this process that are sockets to bind already
 */
public record SocketPlan(List<PassedSocket> passed, List<ListenSocket> toBind, int onStdin,
        List<String> warnings, Map<ListenSocket, Integer> held) {

    /** The other descriptors of a start: launcher, notification pipe, pid file, socket file, and a margin. */
    private static final int RESERVED = 8;

    /**
     * Returns the plan of a program.
     *
     * @param sockets the configured sockets
     * @param onStdin whether the one configured socket becomes descriptor 0 too
     * @param environment the environment of this process
     * @throws IllegalArgumentException if descriptor 0 cannot be a socket
     */
    public static SocketPlan of(List<ListenSocket> sockets, boolean onStdin, Environment environment) {
        if (onStdin) {
            DaemonConfig.requireOneSocket(sockets);
        }
        List<String> warnings = new ArrayList<>();
        List<PassedSocket> passed = PassedSocket.all(environment, warnings);
        List<PassedSocket> unused = new ArrayList<>(passed);
        List<ListenSocket> toBind = new ArrayList<>();
        int stdin = Listen.NONE;
        for (ListenSocket socket : sockets) {
            Optional<PassedSocket> same = PassedSocket.of(socket, unused);
            same.ifPresent(unused::remove);
            stdin = same.isPresent() ? same.get().descriptor() : Listen.FIRST + passed.size() + toBind.size();
            if (same.isEmpty()) {
                toBind.add(socket);
            }
        }
        return new SocketPlan(passed, List.copyOf(toBind), onStdin ? stdin : Listen.NONE, warnings,
                Map.of());
    }

    /**
     * Returns the plan of a program that runs in this process. A supervisor may already have made the one
     * configured socket descriptor 0. It is then neither bound nor counted.
     *
     * @param sockets the configured sockets
     * @param onStdin whether the one configured socket becomes descriptor 0 too
     * @param environment the environment of this process
     * @throws IllegalArgumentException if descriptor 0 cannot be a socket
     */
    public static SocketPlan ofForeground(List<ListenSocket> sockets, boolean onStdin,
            Environment environment) {
        SocketPlan plan = of(sockets, onStdin, environment);
        return onStdin && !plan.toBind.isEmpty() && StdinSocket.address().isPresent()
                ? new SocketPlan(plan.passed, List.of(), Listen.NONE, plan.warnings, Map.of())
                : plan;
    }

    /** Returns the same plan, in which this process already has some of the sockets. */
    SocketPlan withHeld(Map<ListenSocket, Integer> sockets) {
        return new SocketPlan(passed, toBind, onStdin, warnings, sockets);
    }

    /** Returns the number of sockets. */
    private int count() {
        return passed.size() + toBind.size();
    }

    /** Returns whether the program inherits no socket. */
    public boolean isEmpty() {
        return count() == 0;
    }

    /** Returns the lowest descriptor above those of the sockets. */
    int end() {
        return Listen.FIRST + count();
    }

    /** Returns the descriptors of the passed sockets. */
    public SortedSet<Integer> passedDescriptors() {
        SortedSet<Integer> descriptors = new TreeSet<>();
        passed.forEach(socket -> descriptors.add(socket.descriptor()));
        return descriptors;
    }

    /** Returns whether there is anything to do besides passing on the passed sockets. */
    boolean needsStep() {
        return !toBind.isEmpty() || onStdin != Listen.NONE;
    }

    /**
     * Returns the step that binds the sockets.
     *
     * @param user the program's user; null: the user of the process
     * @param bound receives the sockets
     */
    Listen step(@Nullable UserIdentity user, BoundSockets bound) {
        return new Listen(toBind, Listen.FIRST + passed.size(), onStdin, user, bound, held);
    }

    /**
     * Checks the paths of the sockets to bind.
     *
     * @throws FileRefusedException if a path cannot be trusted
     */
    public void checkBeforeBind(@Nullable UserIdentity user, NativePosix posix) throws FileRefusedException {
        for (ListenSocket socket : toBind) {
            CString file = socket.file();
            if (file != null) {
                SocketFile.of(file, user).checkBeforeBind(posix);
            }
        }
    }

    /**
     * Returns why the sockets do not fit below the limit of open files. The step that binds them has some
     * descriptors of its own.
     *
     * @param limit the number of descriptors that a process may have; -1: any number
     */
    Optional<String> descriptorShortage(long limit) {
        int needed = end() + RESERVED;
        return limit < 0 || needed <= limit
                ? Optional.empty()
                : Optional.of(
                        count() + " sockets: need " + needed + " descriptors, but RLIMIT_NOFILE is " + limit
                                + "; raise the limit with ulimit -n, or configure fewer sockets");
    }

    /** Returns why a descriptor that the program needs for something else has the number of a socket. */
    public Optional<String> descriptorConflict(Collection<Integer> kept, Readiness readiness) {
        int first = Listen.FIRST + passed.size();
        for (int fd : kept) {
            if (fd >= first && fd < end()) {
                return Optional.of("descriptor " + fd + " cannot be kept open: " + rest());
            }
        }
        return readiness instanceof Readiness.NotificationFd newline && newline.fd() < end()
                ? Optional.of("descriptor " + newline.fd() + " cannot be the readiness descriptor: " + rest())
                : Optional.empty();
    }

    private String rest() {
        return "the sockets have the descriptors " + Listen.FIRST
                + (count() == 1 ? "" : " to " + (end() - 1)) + "; choose " + end() + " or higher";
    }

    /**
     * Returns an environment that tells a process of its sockets.
     *
     * @param environment the other variables
     * @param pid the process
     */
    public Environment addTo(Environment environment, long pid) {
        List<String> names = new ArrayList<>();
        passed.forEach(socket -> names.add(socket.name()));
        toBind.forEach(socket -> names.add(socket.name()));
        return SupervisorVariables.withDescriptors(environment, pid, names);
    }
}
