package io.github.daemonsteps.daemon.files;

import io.github.daemonsteps.ffm.NativePosix;
import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.PosixException;
import io.github.daemonsteps.process.UserIdentity;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The file of a Unix socket that a daemon listens on.
 *
 * @param path the absolute path of the file
 * @param owners the users that the file's own directory may belong to besides the {@link TrustedOwners}: the
 *        daemon's user
 */
public record SocketFile(CString path, Set<Long> owners) {

    /**
     * Returns the file of a daemon's socket.
     *
     * @param identity the daemon's user; null: the user who starts the daemon
     */
    public static SocketFile of(CString path, @Nullable UserIdentity identity) {
        return new SocketFile(path, identity == null ? Set.of() : Set.of(identity.uid()));
    }

    /**
     * Checks the path before the socket is bound. The binding checks a file that exists.
     *
     * @throws FileRefusedException if an untrusted user can change where the path leads, or the path cannot
     *        be resolved
     */
    public void checkBeforeBind(NativePosix posix) throws FileRefusedException {
        TrustedOwners trusted = TrustedOwners.ofThisProcess(posix);
        try {
            new PathChecker("socket", path, trusted, trusted.and(owners)).walk(posix);
        } catch (PosixException e) { // its message does not name the file
            throw new FileRefusedException("the socket " + path.quoted() + ": " + e.getMessage(), e.errno());
        }
    }
}
