package io.github.daemonsteps.daemon.run;

import io.github.daemonsteps.daemon.config.DaemonConfig;
import io.github.daemonsteps.daemon.files.LogFile;
import io.github.daemonsteps.ffm.NativePosix;
import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.PosixException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The standard descriptors that are open on the configured logs. A reload reopens them.
 *
 * @param config the configuration with the logs
 * @param output whether descriptor 1 is the log
 * @param error whether descriptor 2 is the log of standard error
 */
record ReopenableLogs(DaemonConfig config, boolean output, boolean error) {

    /** Returns the logs of a daemon. The start has opened both. */
    static ReopenableLogs ofDaemon(DaemonConfig config) {
        return new ReopenableLogs(config, true, true);
    }

    /**
     * Returns the logs that a supervisor has opened for an application in the foreground, as
     * {@code StandardOutput=append:FILE} of systemd does. The comparison of the files takes place at the
     * start, since a rotation renames the file.
     */
    static ReopenableLogs ofForeground(DaemonConfig config) {
        CString log = config.ownLog();
        CString errorLog = config.ownErrorLog();
        return new ReopenableLogs(config, isOpen(1, log), isOpen(2, errorLog == null ? log : errorLog));
    }

    private static boolean isOpen(int descriptor, @Nullable CString log) {
        try {
            return log != null && Files.isSameFile(Path.of("/proc/self/fd/" + descriptor), log.toPath());
        } catch (IOException e) {
            return false; // the log does not exist
        }
    }

    /** Reopens the logs. A log that cannot be opened stays as it is, and a line of the log says so. */
    void reopen(DaemonLog lines) {
        if (output && error && config.errorLog().equals(config.log())) {
            reopen(config.log(), lines, 1, 2);
            return;
        }
        if (output) {
            reopen(config.log(), lines, 1);
        }
        if (error) {
            reopen(config.errorLog(), lines, 2);
        }
    }

    private static void reopen(CString log, DaemonLog lines, int... descriptors) {
        try {
            new LogFile(log).reopen(NativePosix.get(), descriptors);
        } catch (PosixException | IOException | IllegalCallerException e) {
            lines.line("log not reopened: " + e.getMessage());
        }
    }
}
