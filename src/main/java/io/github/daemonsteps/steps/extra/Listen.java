package io.github.daemonsteps.steps.extra;

import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.ForkedProcess;
import io.github.daemonsteps.posix.Posix;
import io.github.daemonsteps.posix.PosixException;
import io.github.daemonsteps.posix.StandardDescriptors;
import io.github.daemonsteps.process.UserIdentity;
import io.github.daemonsteps.steps.Step;
import io.github.daemonsteps.steps.StepContext;
import io.github.daemonsteps.steps.StepName;
import io.github.daemonsteps.steps.StepOutcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/**
 * An extra step: the process binds sockets and listens on them, for the program that it becomes. The step
 * must come before {@link DropPrivileges}, so that root can bind a port that an ordinary user cannot. The
 * sockets get descriptors in order from {@code first} on, as sd_listen_fds(3) has them.
 *
 * <p>The environment of the program must describe the sockets: {@code LISTEN_FDS}, {@code LISTEN_PID} and
 * {@code LISTEN_FDNAMES}. A start of a daemon adds these variables.
 *
 * @param sockets the sockets to bind
 * @param first the descriptor of the first socket, above 2; {@link #ANY}: any free descriptors,
 *        close-on-exec
 * @param onStdin the descriptor of a socket that becomes descriptor 0 too; {@link #NONE}: none does
 * @param user the user of the program, who owns the files of Unix sockets by default; null: the user of the
 *        process
 * @param bound receives the sockets, and their files
 * @param open descriptors of the process that are sockets already: each is moved, and not bound
 * @see <a href="https://man7.org/linux/man-pages/man2/listen.2.html">listen(2)</a>
 */
public record Listen(List<ListenSocket> sockets, int first, int onStdin, @Nullable UserIdentity user,
        BoundSockets bound, Map<ListenSocket, Integer> open) implements Step {

    /** The length of the queue of connections; the kernel lowers it to {@code net.core.somaxconn}. */
    public static final int BACKLOG = SocketBinder.BACKLOG;

    /** The first descriptor after the standard three: {@code SD_LISTEN_FDS_START} of sd-daemon.h. */
    public static final int FIRST = StandardDescriptors.COUNT;

    /** In place of a first descriptor: each socket keeps the descriptor that it is created with. */
    public static final int ANY = -1;

    /** In place of a descriptor: no socket. */
    public static final int NONE = -1;

    /**
     * @throws IllegalArgumentException if the first descriptor is not above 2, if the user or group of a file
     *         does not exist, or if two sockets need the same address
     */
    public Listen {
        sockets = List.copyOf(sockets);
        open = Map.copyOf(open);
        if (first != ANY && StandardDescriptors.contains(first)) {
            throw new IllegalArgumentException("the first socket must be above descriptor 2, not " + first);
        }
        for (ListenSocket socket : sockets) {
            SocketOwner.of(socket, user);
        }
        SocketOverlap.check(sockets);
    }

    /**
     * Creates a step that binds sockets to the descriptors from 3 on.
     *
     * @param sockets the sockets
     */
    public Listen(ListenSocket... sockets) {
        this(List.of(sockets), FIRST, NONE, null, new BoundSockets());
    }

    /**
     * Creates a step that binds all of its sockets.
     *
     * @param sockets the sockets to bind
     * @param first the descriptor of the first socket, or {@link #ANY}
     * @param onStdin the descriptor of a socket that becomes descriptor 0 too, or {@link #NONE}
     * @param user the user of the program; null: the user of the process
     * @param bound receives the sockets, and their files
     */
    public Listen(List<ListenSocket> sockets, int first, int onStdin, @Nullable UserIdentity user,
            BoundSockets bound) {
        this(sockets, first, onStdin, user, bound, Map.of());
    }

    @Override
    public StepName name() {
        return StepName.LISTEN;
    }

    @Override
    public String description() {
        return "bind the sockets and listen";
    }

    @Override
    public String rationale() {
        return "the program serves a port that only root can bind, and need not be root";
    }

    @Override
    public List<String> plan() {
        List<String> calls = new ArrayList<>();
        int number = first;
        for (ListenSocket socket : sockets) {
            String fd = first == ANY ? "FD" : Integer.toString(number++);
            Integer opened = open.get(socket);
            calls.addAll(opened == null
                    ? SocketBinder.plan(socket, fd, SocketOwner.of(socket, user))
                    : SocketBinder.plan(opened, fd));
        }
        if (onStdin != NONE) {
            calls.add("dup2(" + onStdin + ", 0)");
        }
        return calls;
    }

    @Override
    public StepOutcome perform(StepContext context) {
        ForkedProcess process = context.process();
        return of(process, process.pid());
    }

    /**
     * Binds the sockets by any process, this one too.
     *
     * @param process the process
     * @param pid the id of the process
     * @return the outcome
     */
    public StepOutcome of(Posix process, int pid) {
        var binder = new SocketBinder(process, pid, user, bound);
        StepOutcome failed = null;
        for (int i = 0; i < sockets.size() && failed == null; i++) {
            ListenSocket socket = sockets.get(i);
            int number = first == ANY ? ANY : first + i;
            Integer opened = open.get(socket);
            failed = opened == null ? binder.bind(socket, number) : binder.move(socket, opened, number);
        }
        if (failed == null && onStdin != NONE) {
            failed = placeOnStdin(process);
        }
        return failed == null ? new StepOutcome.Done(note()) : failed;
    }

    private String note() {
        var note = new StringJoiner(", ");
        bound.sockets().forEach(socket -> note.add(socket.toString()));
        if (onStdin != NONE) {
            note.add("descriptor 0 is descriptor " + onStdin);
        }
        return note.toString();
    }

    private @Nullable StepOutcome placeOnStdin(Posix process) {
        process.dup2(onStdin, 0);
        return process.fstat(0).isSameFileAs(process.fstat(onStdin))
                ? null
                : new StepOutcome.Failed("dup2(" + onStdin + ", 0)", null,
                        "descriptor 0 is not the socket");
    }

    /**
     * Returns whether the file of a socket is as this step makes it, and belongs to an open socket.
     *
     * @param socket the socket
     * @param user the user of the program; null: the user of the process that binds the socket
     * @param process makes the calls
     * @return true also for a socket without a file
     * @throws PosixException if the file does not exist
     */
    public static boolean hasConfiguredFile(ListenSocket socket, @Nullable UserIdentity user, Posix process) {
        CString file = socket.file();
        return file == null || (SocketFileBinder.mismatch(process.lstat(file), socket,
                SocketOwner.of(socket, user), process.getuid()) == null && BoundFile.isBound(file));
    }

    /**
     * Returns a step that finds out whether this step would fail, and accepts no connection. Its process must
     * be killed afterwards. An address that a running daemon listens on is free for the trial: that daemon is
     * stopped before the start.
     *
     * @param running the process of the daemon; 0 if it does not run
     * @return the trial, a step of the same name
     */
    public Step trial(int running) {
        return new Trial(this, running);
    }

    private record Trial(Listen listen, int running) implements Step {

        @Override
        public StepName name() {
            return listen.name();
        }

        @Override
        public String description() {
            return listen.description();
        }

        @Override
        public String rationale() {
            return listen.rationale();
        }

        @Override
        public List<String> plan() {
            return listen.plan();
        }

        @Override
        public StepOutcome perform(StepContext context) {
            ForkedProcess process = context.process();
            var binder = new SocketBinder(process, process.pid(), listen.user, listen.bound);
            for (ListenSocket socket : listen.sockets) {
                StepOutcome failed = binder.tryBind(socket, running);
                if (failed != null) {
                    return failed;
                }
            }
            return new StepOutcome.Done(
                    "each address is free, or belongs to the daemon that is stopped first");
        }
    }
}
