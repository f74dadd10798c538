package io.github.daemonsteps.daemon.control;

import io.github.daemonsteps.daemon.config.DaemonConfig;
import io.github.daemonsteps.daemon.config.FileChoice;
import io.github.daemonsteps.daemon.files.FileRefusedException;
import io.github.daemonsteps.daemon.files.LogFile;
import io.github.daemonsteps.daemon.pidfile.PidFile;
import io.github.daemonsteps.ffm.NativePosix;
import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.Errno;
import io.github.daemonsteps.posix.PosixException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The advice to choose other files, for the message of a failure. This user may be unable to use a default
 * pid file or a default log, for any reason. A file that the user has chosen is not checked.
 */
public final class OtherFiles {

    /** A check of a file before it is opened, which throws if the file cannot be used. */
    private interface Check {
        void run(NativePosix posix) throws FileRefusedException;
    }

    private OtherFiles() {
    }

    /** Returns the part of a message that advises to choose other files; empty if all files can be used. */
    public static String advice(DaemonConfig config) {
        LogFile log;
        try {
            log = LogFile.of(config.log(), config.identity());
        } catch (IllegalArgumentException e) {
            return ""; // the owner of the log is not known
        }
        boolean isLogUsable = config.ownLog() != null || isUsable(config.log(), log::checkBeforeOpen, config);
        var choice = new FileChoice(config.isApplication());
        if (isPidFileUsable(config)) {
            return isLogUsable ? "" : "; " + choice.otherLog();
        }
        return "; " + (isLogUsable ? choice.otherPidFile() : choice.both());
    }

    /** Returns the same advice for a subcommand that uses the pid file alone. */
    static String pidFileAdvice(DaemonConfig config) {
        return isPidFileUsable(config) ? "" : "; " + new FileChoice(config.isApplication()).otherPidFile();
    }

    private static boolean isPidFileUsable(DaemonConfig config) {
        return config.ownPidFile() != null
                || isUsable(config.pidFile(), new PidFile(config.pidFile())::checkBeforeOpen, config);
    }

    private static boolean isUsable(CString path, Check check, DaemonConfig config) {
        try {
            check.run(config.posix());
        } catch (FileRefusedException e) {
            return isOnlyMissing(e.errno(), path);
        } catch (PosixException e) {
            return false;
        }
        Path file = path.toPath();
        return Files.exists(file) ? Files.isWritable(file) : isDirectoryUsable(file.getParent());
    }

    /** Returns whether the only problem is missing directories, which this user can create. */
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
