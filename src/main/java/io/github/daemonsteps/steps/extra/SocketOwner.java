package io.github.daemonsteps.steps.extra;

import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.FileStatus;
import io.github.daemonsteps.process.UserIdentity;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The owner and the group of the file of a Unix socket.
 *
 * @param uid the owner; {@link #UNCHANGED}: the user of the process that binds the socket
 * @param gid the group; {@link #UNCHANGED}: the group of that process
 */
record SocketOwner(long uid, long gid) {

    /** The number that chown(2) takes for no change. */
    static final long UNCHANGED = -1;

    static final SocketOwner NO_CHANGE = new SocketOwner(UNCHANGED, UNCHANGED);

    /**
     * Returns the owner of a socket's file.
     *
     * @param program the user of the program; null: the user of the process that binds the socket
     * @throws IllegalArgumentException if a user or a group does not exist
     */
    static SocketOwner of(ListenSocket socket, @Nullable UserIdentity program) {
        CString user = socket.user();
        UserIdentity owner;
        try {
            owner = user == null ? program : UserIdentity.of(user);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("socket " + socket.text() + ": " + e.getMessage(), e);
        }
        long uid = owner == null ? UNCHANGED : owner.uid();
        if (socket.group() != null) {
            return new SocketOwner(uid, group(socket));
        }
        return new SocketOwner(uid, owner == null ? UNCHANGED : owner.gid());
    }

    /** Looks up a group as a part of NAME:GROUP. The user 0 needs no entry in the user database. */
    private static long group(ListenSocket socket) {
        try {
            return UserIdentity.of(CString.of("0:").plus(Objects.requireNonNull(socket.group())))
                    .gid();
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("socket " + socket.text() + ": " + e.getMessage(), e);
        }
    }

    boolean isUnchanged() {
        return uid == UNCHANGED && gid == UNCHANGED;
    }

    /** Returns whether a file that the user {@code creator} has created belongs to this owner now. */
    boolean owns(FileStatus file, long creator) {
        return file.uid() == (uid == UNCHANGED ? creator : uid) && (gid == UNCHANGED || file.gid() == gid);
    }
}
