package io.github.daemonsteps.daemon;

import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.Errno;
import io.github.daemonsteps.posix.NativePosix;
import io.github.daemonsteps.posix.PosixException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The choice of other files, for the message of a failure. A default pid file or a default log may be in a place that this
 * user cannot use, whatever the reason. A file that the user has chosen is not checked.
 */
final class OtherFiles {

    /** Checks a file before it is opened, and throws if the file cannot be used. */
    private interface Check {
        void run(NativePosix posix) throws PidFile.Refused, UntrustedFile;
    }

    private OtherFiles() {
    }

    /** Returns the part of a message that names the choice of the files that cannot be used; empty if all can be. */
    static String advice(DaemonConfig config) {
        StartPlan plan;
        try {
            plan = StartPlan.of(config);
        } catch (IllegalArgumentException noSuchUser) {
            return ""; // the owner of the log is not known
        }
        boolean isLogUsable = config.ownLog() != null
                || isUsable(config.log(), plan.log()::checkUnopened, config);
        if (isPidFileUsable(config)) {
            return isLogUsable ? "" : advice("another log", log(config), config);
        }
        return isLogUsable ? adviceOnPidFile(config) : "; " + choice(config);
    }

    /** Returns the same for a subcommand that uses the pid file alone. */
    static String pidFileAdvice(DaemonConfig config) {
        return isPidFileUsable(config) ? "" : adviceOnPidFile(config);
    }

    /** Returns how to choose both files. */
    static String choice(DaemonConfig config) {
        return choice("other files", pidFile(config) + " and " + log(config), config);
    }

    private static String adviceOnPidFile(DaemonConfig config) {
        return advice("another pid file", pidFile(config), config);
    }

    private static String advice(String what, String how, DaemonConfig config) {
        return "; " + choice(what, how, config);
    }

    private static String choice(String what, String how, DaemonConfig config) {
        return (isApplication(config) ? "the application can name " : "name ") + what + " with " + how;
    }

    /** Returns whether an application starts itself. Its command line has no options for the files. */
    private static boolean isApplication(DaemonConfig config) {
        return config.isApplication();
    }

    private static String pidFile(DaemonConfig config) {
        return isApplication(config) ? "pidFile(...)" : "--pid-file";
    }

    private static String log(DaemonConfig config) {
        return isApplication(config) ? "log(...)" : "--log";
    }

    private static boolean isPidFileUsable(DaemonConfig config) {
        return config.ownPidFile() != null
                || isUsable(config.pidFile(), new PidFile(config.pidFile())::checkUnopened, config);
    }

    private static boolean isUsable(CString path, Check check, DaemonConfig config) {
        try {
            check.run(config.posix());
        } catch (PidFile.Refused refused) {
            return isOnlyMissing(refused.errno(), path);
        } catch (UntrustedFile untrusted) {
            return isOnlyMissing(untrusted.errno(), path);
        } catch (PosixException failed) {
            return false;
        }
        Path file = path.toPath();
        return Files.exists(file) ? Files.isWritable(file) : isDirectoryUsable(file.getParent());
    }

    /** Returns whether nothing is wrong but missing directories, which this user can create. */
    private static boolean isOnlyMissing(@Nullable Errno errno, CString path) {
        return Errno.ENOENT.equals(errno) && isDirectoryUsable(path.toPath().getParent());
    }

    private static boolean isDirectoryUsable(@Nullable Path directory) {
        Path existing = directory;
        while (existing != null && !Files.exists(existing)) {
            existing = existing.getParent();
        }
        return existing != null && Files.isWritable(existing) && Files.isExecutable(existing);
    }
}
