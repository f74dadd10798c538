package io.github.daemonsteps.steps.extra;

import io.github.daemonsteps.posix.FileStatus;
import io.github.daemonsteps.process.UserIdentity;
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
        UserIdentity owner = socket.owner(program);
        UserIdentity group = socket.groupOwner(program);
        return new SocketOwner(owner == null ? UNCHANGED : owner.uid(),
                group == null ? UNCHANGED : group.gid());
    }

    boolean isUnchanged() {
        return uid == UNCHANGED && gid == UNCHANGED;
    }

    /** Returns whether a file that the user {@code creator} has created belongs to this owner now. */
    boolean owns(FileStatus file, long creator) {
        return file.uid() == (uid == UNCHANGED ? creator : uid) && (gid == UNCHANGED || file.gid() == gid);
    }
}
