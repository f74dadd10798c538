package io.github.daemonsteps.daemon.unit;

import io.github.daemonsteps.daemon.config.DaemonConfig;
import io.github.daemonsteps.posix.CString;
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
        FileMode mode = socket.mode() == null ? ListenSocket.DEFAULT_MODE : socket.mode();
        try {
            CString name = socket.user();
            UserIdentity owner = name == null ? config.identity() : UserIdentity.of(name);
            CString ofGroup = socket.group();
            // The user 0 needs no entry in the user database.
            UserIdentity group =
                    ofGroup == null ? owner : UserIdentity.of(CString.of("0:").plus(ofGroup));
            return new SocketSettings(socket.name(), mode, owner == null ? null : UserNames.user(owner),
                    group == null ? null : UserNames.group(group));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("socket " + socket.text() + ": " + e.getMessage(), e);
        }
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
