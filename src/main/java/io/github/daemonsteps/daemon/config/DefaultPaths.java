package io.github.daemonsteps.daemon.config;

import io.github.daemonsteps.daemon.files.FileRefusedException;
import io.github.daemonsteps.ffm.NativePosix;
import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.Errno;
import io.github.daemonsteps.posix.FileMode;
import io.github.daemonsteps.posix.FileStatus;
import io.github.daemonsteps.posix.PosixException;
import io.github.daemonsteps.process.Environment;
import io.github.daemonsteps.text.IoReason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The default files of a daemon: in the system's directories for root, in the user's own for another user.
 *
 * @param name the daemon's name
 * @param root whether root runs the daemon
 * @param environment the environment that has HOME
 * @param choice the advice to choose other files, for people
 */
record DefaultPaths(String name, boolean root, Environment environment, FileChoice choice) {

    /**
     * The property with a directory for all default files: for tests, which must not use the files of real
     * daemons.
     */
    private static final @Nullable String DIRECTORY = System.getProperty("daemonsteps.directory");

    private static final FileMode PRIVATE = FileMode.of(0700);

    /**
     * Returns {@code /run/NAME.pid}, or a path in the {@link #directory}. {@code $XDG_RUNTIME_DIR} and
     * {@code $XDG_STATE_HOME} are not used, since cron, su and sudo do not set them. The directory of the
     * first is emptied at the last logout. Two sessions of one user would then not find the same daemon.
     */
    CString pidFile() {
        return (root && DIRECTORY == null ? CString.of("/run") : directory()).resolve(name + ".pid");
    }

    /** Returns {@code /var/log/NAME.log}, or a path in the {@link #directory}. */
    CString log() {
        return (root && DIRECTORY == null ? CString.of("/var/log") : directory()).resolve(name + ".log");
    }

    /**
     * Returns {@code ~/.local/state/NAME}, which only the user can access, or the directory of the
     * property.
     */
    private CString directory() {
        if (DIRECTORY != null) {
            return CString.of(DIRECTORY).requireAbsolutePath("daemonsteps.directory");
        }
        CString home = absolute("HOME")
                .or(() -> Optional.of(CString.of(System.getProperty("user.home")))
                        .filter(CString::isAbsolutePath))
                .orElseThrow(() -> new IllegalStateException(
                        "a home directory is missing for the pid file and the log of " + name
                                + ": set HOME, or " + choice.both()));
        return home.resolve(".local/state/" + name);
    }

    private Optional<CString> absolute(String variable) {
        return environment.get(variable).filter(CString::isAbsolutePath);
    }

    /**
     * Creates the directory of a file, and missing directories above it. Only the user has access to them.
     *
     * @throws FileRefusedException if a directory cannot be created
     */
    static void makeDirectoryOf(CString file, NativePosix posix) throws FileRefusedException {
        try {
            makeDirectories(file, posix);
        } catch (PosixException e) {
            throw new FileRefusedException(
                    "the default directory for " + file.quoted() + " cannot be created: "
                            + e.getMessage(),
                    e.errno());
        } catch (IOException e) {
            throw new FileRefusedException(
                    "the default directory for " + file.quoted() + " cannot be created: "
                            + IoReason.withFile(e));
        }
    }

    private static void makeDirectories(CString file, NativePosix posix) throws IOException {
        Deque<CString> missing = new ArrayDeque<>();
        for (CString directory = file.parent(); !exists(directory, posix); directory = directory.parent()) {
            missing.push(directory);
        }
        for (CString each : missing) {
            try {
                posix.mkdir(each, PRIVATE);
                allowOwner(each, posix);
            } catch (PosixException e) {
                if (!e.errno().equals(Errno.EEXIST)) { // another process created it first
                    throw e;
                }
            }
        }
    }

    /** Gives the owner the permissions that the umask of the caller has removed from a new directory. */
    private static void allowOwner(CString directory, NativePosix posix) throws IOException {
        FileStatus made = posix.lstat(directory);
        if (made.isDirectory() && !made.permissions().hasAllOf(PRIVATE)) {
            Files.setPosixFilePermissions(directory.toPath(), PosixFilePermissions.fromString("rwx------"));
        }
    }

    private static boolean exists(CString path, NativePosix posix) {
        try {
            posix.stat(path);
            return true;
        } catch (PosixException e) {
            if (e.errno().equals(Errno.ENOENT)) {
                return false;
            }
            throw e;
        }
    }
}
