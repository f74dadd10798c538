package io.github.daemonsteps.daemon.run;

import io.github.daemonsteps.daemon.config.DaemonConfig;
import io.github.daemonsteps.posix.CString;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The standard descriptors of an application in the foreground that a supervisor has opened on the configured
 * logs, as {@code StandardOutput=append:FILE} of systemd does. A reload reopens them. The comparison takes
 * place at the start, since a rotation renames the file.
 *
 * @param output whether descriptor 1 is the log
 * @param error whether descriptor 2 is the log of standard error
 */
record ForegroundLogs(boolean output, boolean error) {

    static ForegroundLogs of(DaemonConfig config) {
        CString log = config.ownLog();
        CString errorLog = config.ownErrorLog();
        return new ForegroundLogs(isOpen(1, log), isOpen(2, errorLog == null ? log : errorLog));
    }

    private static boolean isOpen(int descriptor, @Nullable CString log) {
        try {
            return log != null && Files.isSameFile(Path.of("/proc/self/fd/" + descriptor), log.toPath());
        } catch (IOException e) {
            return false; // the log does not exist
        }
    }
}
