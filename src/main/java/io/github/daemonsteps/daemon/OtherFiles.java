package io.github.daemonsteps.daemon;

import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.Errno;
import io.github.daemonsteps.posix.NativePosix;
import io.github.daemonsteps.posix.PosixException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The choice of other files, for the message of a failure: a default pid file or a default log may be in a place that this
 * user cannot use, whatever the reason. A file that the user has chosen is not judged.
 */
final class OtherFiles {

    /** Throws why a file cannot be used, as far as that is seen before it is opened. */
    private interface Check {
        void run(NativePosix posix) throws PidFile.Refused, UntrustedFile;
    }

    private OtherFiles() {
    }

    /** Returns the part of a message that names the choice of the files that cannot be used; empty if all can be. */
    static String advice(Daemon daemon) {
        StartPlan plan;
        try {
            plan = StartPlan.of(daemon);
        } catch (IllegalArgumentException noSuchUser) {
            return ""; // the owner of the log is not known
        }
        boolean isLogUsable = daemon.settings().log != null
                || isUsable(daemon.log(), plan.log()::checkUnopened, daemon);
        if (isPidFileUsable(daemon)) {
            return isLogUsable ? "" : advice("another log", log(daemon), daemon);
        }
        return isLogUsable ? adviceOnPidFile(daemon) : "; " + choice(daemon);
    }

    /** Returns the same for a subcommand that uses the pid file alone. */
    static String pidFileAdvice(Daemon daemon) {
        return isPidFileUsable(daemon) ? "" : adviceOnPidFile(daemon);
    }

    /** Returns how to choose both files. */
    static String choice(Daemon daemon) {
        return choice("other files", pidFile(daemon) + " and " + log(daemon), daemon);
    }

    private static String adviceOnPidFile(Daemon daemon) {
        return advice("another pid file", pidFile(daemon), daemon);
    }

    private static String advice(String what, String how, Daemon daemon) {
        return "; " + choice(what, how, daemon);
    }

    private static String choice(String what, String how, Daemon daemon) {
        return (isApplication(daemon) ? "the application can name " : "name ") + what + " with " + how;
    }

    /** The command line of an application has no options for the files. */
    private static boolean isApplication(Daemon daemon) {
        return daemon.settings().isApplication;
    }

    private static String pidFile(Daemon daemon) {
        return isApplication(daemon) ? "pidFile(...)" : "--pid-file";
    }

    private static String log(Daemon daemon) {
        return isApplication(daemon) ? "log(...)" : "--log";
    }

    private static boolean isPidFileUsable(Daemon daemon) {
        return daemon.settings().pidFile != null
                || isUsable(daemon.pidFile(), new PidFile(daemon.pidFile())::checkUnopened, daemon);
    }

    private static boolean isUsable(CString path, Check check, Daemon daemon) {
        try {
            check.run(daemon.settings().posix.get());
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

    /** Whether all that is wrong is that directories are missing which this user can make. */
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
