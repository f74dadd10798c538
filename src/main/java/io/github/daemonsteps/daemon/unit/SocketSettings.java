package io.github.daemonsteps.daemon.unit;

import io.github.daemonsteps.daemon.config.DaemonConfig;
import io.github.daemonsteps.posix.FileMode;
import io.github.daemonsteps.process.UserIdentity;
import io.github.daemonsteps.steps.extra.ListenSocket;
import org.jspecify.annotations.Nullable;

/**
 * The settings that all sockets of a unit share.
 *
 * @param name the name of the sockets
 * @param mode the permissions of the socket files; null for sockets without a file
 * @param user the owner of the files; null: root
 * @param group the group of the files; null: that of the owner
 */
record SocketSettings(String name, @Nullable FileMode mode, @Nullable String user, @Nullable String group) {

    /**
     * Returns the settings of a socket.
     *
     * @throws IllegalArgumentException if a user or a group does not exist
     */
    static SocketSettings of(ListenSocket socket, DaemonConfig config) {
        if (socket.file() == null) {
            return new SocketSettings(socket.name(), null, null, null);
        }
        UserIdentity program = config.identity();
        UserIdentity owner = socket.owner(program);
        UserIdentity group = socket.groupOwner(program);
        return new SocketSettings(socket.name(), socket.fileMode(),
                owner == null ? null : UserNames.user(owner), group == null ? null : UserNames.group(group));
    }

    void addTo(ConfigText text) {
        text.setting("FileDescriptorName", name);
        if (mode != null) {
            text.setting("SocketMode", mode.toString());
        }
        if (user != null) {
            text.setting("SocketUser", user);
        }
        if (group != null) {
            text.setting("SocketGroup", group);
        }
    }
}
