package io.github.daemonsteps.steps.extra;

import io.github.daemonsteps.posix.AccessMode;
import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.Deadline;
import io.github.daemonsteps.posix.Errno;
import io.github.daemonsteps.posix.FileMode;
import io.github.daemonsteps.posix.FileStatus;
import io.github.daemonsteps.posix.OpenFlag;
import io.github.daemonsteps.posix.Posix;
import io.github.daemonsteps.posix.PosixException;
import io.github.daemonsteps.posix.SocketType;
import io.github.daemonsteps.process.UserIdentity;
import io.github.daemonsteps.steps.StepOutcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Binds Unix sockets to files, with the mode and the owner of each. The file of a socket without a listener
 * is replaced.
 */
final class SocketFileBinder {

    private static final int NOT_ON_TRIAL = -1;

    private static final int ALL_PERMISSIONS = 0777;

    private static final String REPLACED = "was replaced while it was bound";

    private static final Set<OpenFlag> BY_PATH =
            Set.of(OpenFlag.O_RDONLY, OpenFlag.O_PATH, OpenFlag.O_NOFOLLOW, OpenFlag.O_CLOEXEC);

    private final Posix process;
    private final @Nullable UserIdentity user;
    private final BoundSockets bound;
    private final SocketConflict conflict;
    private final long lockUntil = Deadline.in(DirectoryLock.PATIENCE);

    /**
     * @param user the user of the program; null: the user of the process
     * @param bound receives the files
     */
    SocketFileBinder(Posix process, @Nullable UserIdentity user, BoundSockets bound,
            SocketConflict conflict) {
        this.process = process;
        this.user = user;
        this.bound = bound;
        this.conflict = conflict;
    }

    /**
     * Returns the calls of {@link #bind}, in C.
     *
     * @param bind the call of bind(2)
     */
    static List<String> plan(String bind, ListenSocket socket, CString file, SocketOwner owner) {
        List<String> calls = new ArrayList<>(List.of("umask(" + umask(socket) + ")", bind, "umask(OLD)"));
        if (!owner.isUnchanged()) {
            calls.add("chown(" + file.quoted() + ", " + owner.uid() + ", " + owner.gid() + ")");
        }
        return calls;
    }

    /** Returns the umask with which bind(2) creates the file with its mode. */
    private static FileMode umask(ListenSocket socket) {
        return FileMode.of(ALL_PERMISSIONS & ~socket.fileMode().bits());
    }

    /** Binds a socket to a file; see {@link SocketBinder#bind}. */
    StepOutcome.@Nullable Failed bind(int fd, ListenSocket socket, CString file) {
        if (existing(file) == null) {
            return create(fd, socket, file);
        }
        try (var _ = DirectoryLock.acquire(process, file.parent(), lockUntil)) {
            StepOutcome.Failed failed = removeStale(socket, file);
            return failed == null ? create(fd, socket, file) : failed;
        }
    }

    private StepOutcome.@Nullable Failed create(int fd, ListenSocket socket, CString file) {
        FileMode before = process.umask(umask(socket));
        bound.expect(file);
        try {
            process.bind(fd, socket.address());
        } catch (PosixException e) {
            if (e.call().function().equals("bind")) { // else only its reply is lost
                bound.forgetLast();
                process.umask(before);
            }
            return conflict.explained(e, socket);
        }
        if (!process.umask(before).equals(umask(socket))) {
            return new StepOutcome.Failed("umask(" + umask(socket) + ")", null,
                    "the process had another umask while it created " + socket.text());
        }
        bound.created(process.lstat(file));
        return own(socket, file);
    }

    /**
     * Gives the new file to its owner, and checks it. The owner of the directory may replace the file at any
     * time. So the file is opened with O_PATH, and changed by the descriptor. The replacement may also be a
     * name of a file elsewhere. So one status, by the path, must show that the open file has this name and no
     * other.
     */
    private StepOutcome.@Nullable Failed own(ListenSocket socket, CString file) {
        int opened = process.open(file, BY_PATH, FileMode.of(0));
        FileStatus named = process.lstat(file);
        StepOutcome.Failed failed = named.isSameFileAs(process.fstat(opened))
                ? check(named, socket, SocketOwner.NO_CHANGE, file)
                : failed(file, REPLACED);
        SocketOwner owner = SocketOwner.of(socket, user);
        if (failed == null && !owner.isUnchanged()) {
            process.chown(CString.of("/proc/self/fd/" + opened), owner.uid(), owner.gid());
            failed = check(process.fstat(opened), socket, owner, file);
        }
        process.close(opened);
        return failed;
    }

    private StepOutcome.@Nullable Failed check(FileStatus file, ListenSocket socket, SocketOwner owner,
            CString path) {
        String wrong = mismatch(file, socket, owner, process.getuid());
        return wrong == null ? null : failed(path, wrong);
    }

    private static StepOutcome.Failed failed(CString path, String wrong) {
        return new StepOutcome.Failed("bind(" + path.quoted() + ")", null, "the file " + wrong);
    }

    /**
     * Returns in what a file differs from the configured one, after "the file"; null if it does not.
     *
     * @param creator the user who has bound the socket
     */
    static @Nullable String mismatch(FileStatus file, ListenSocket socket, SocketOwner owner,
            long creator) {
        if (!file.isSocket() || file.nlink() != 1) {
            return REPLACED;
        } else if (!file.permissions().equals(socket.fileMode())) {
            return "has mode " + file.permissions() + ", and should have " + socket.fileMode();
        }
        return owner.owns(file, creator)
                ? null
                : "belongs to user " + file.uid() + " and group " + file.gid();
    }

    /** Removes the file of a socket that no process listens on. Any other file stays, and is a failure. */
    private StepOutcome.@Nullable Failed removeStale(ListenSocket socket, CString file) {
        FileStatus found = existing(file);
        if (found == null) {
            return null;
        }
        StepOutcome.Failed failed = check(found, socket, file, NOT_ON_TRIAL);
        // A file system may give the number of a removed file to a new one, so the question is asked again.
        if (failed == null && found.isSameFileAs(process.lstat(file)) && !BoundFile.isBound(file)) {
            process.unlink(file);
        }
        return failed;
    }

    private @Nullable FileStatus existing(CString file) {
        try {
            return process.lstat(file);
        } catch (PosixException e) {
            if (e.errno().equals(Errno.ENOENT)) {
                return null;
            }
            throw e;
        }
    }

    /**
     * Checks that a file is the socket of a process that has ended.
     *
     * @param running a process that may listen on the file, since it is stopped before the start; 0: none;
     *        {@link #NOT_ON_TRIAL}: no process may
     */
    private StepOutcome.@Nullable Failed check(FileStatus found, ListenSocket socket, CString file,
            int running) {
        String call = "bind(" + file.quoted() + ")";
        String problem = null;
        if (!found.isSocket()) {
            problem = "the file is not a socket";
        } else if (!isTrusted(found, socket)) {
            problem = "the socket belongs to user " + found.uid() + ", who is not trusted";
        } else if (!(running != NOT_ON_TRIAL && conflict.isTolerated(socket, running))
                && BoundFile.isBound(file)) {
            return conflict.inUse(call, socket);
        }
        return problem == null
                ? null
                : new StepOutcome.Failed(call, Errno.EEXIST,
                        problem + ", and stays; remove the file or choose another path");
    }

    /** Returns whether a file belongs to root, to the user of the process, or to its future owner. */
    private boolean isTrusted(FileStatus file, ListenSocket socket) {
        long owner = file.uid();
        return owner == 0 || owner == process.getuid() || owner == SocketOwner.of(socket, user).uid();
    }

    /**
     * Finds out whether {@link #bind} would fail. Does not create or remove a file.
     *
     * @param running a process that is stopped before the start; 0: none
     */
    StepOutcome.@Nullable Failed tryBind(ListenSocket socket, CString file, int running) {
        FileStatus found = existing(file);
        StepOutcome.Failed failed = found == null ? null : check(found, socket, file, running);
        return failed == null ? tryCreate(socket, file) : failed;
    }

    /** Finds out whether the file can be created and chowned, by chown(2) of an unbound socket. */
    private StepOutcome.@Nullable Failed tryCreate(ListenSocket socket, CString file) {
        try {
            process.access(file.parent(), Set.of(AccessMode.W_OK, AccessMode.X_OK));
            SocketOwner owner = SocketOwner.of(socket, user);
            if (!owner.isUnchanged()) {
                int unnamed = process.socket(socket.address().family(), SocketType.SOCK_STREAM);
                process.chown(CString.of("/proc/self/fd/" + unnamed), owner.uid(), owner.gid());
                process.close(unnamed);
            }
            return null;
        } catch (PosixException e) {
            return conflict.explained(e, socket);
        }
    }
}
