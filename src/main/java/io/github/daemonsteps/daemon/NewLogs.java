package io.github.daemonsteps.daemon;

import io.github.daemonsteps.posix.Errno;
import io.github.daemonsteps.posix.FileStatus;
import io.github.daemonsteps.posix.NativePosix;
import io.github.daemonsteps.posix.PosixException;
import java.util.List;
import java.util.stream.Stream;

/** The logs of a start that are not there yet. If it fails, and nothing is written to them, they are not to stay. */
final class NewLogs {

    private final NativePosix posix;
    private final List<LogFile> missing;

    /** Looks which of these are missing. */
    NewLogs(NativePosix posix, LogFile... logs) {
        this.posix = posix;
        this.missing = Stream.of(logs).filter(log -> !log.isDevice()).filter(this::isMissing).toList();
    }

    private boolean isMissing(LogFile log) {
        try {
            posix.lstat(log.path());
            return false;
        } catch (PosixException failed) {
            return failed.errno().equals(Errno.ENOENT);
        }
    }

    /** Removes those that have been made and are empty, and that nobody is seen to have open. */
    void removeEmpty() {
        for (LogFile log : missing) {
            try {
                FileStatus file = posix.lstat(log.path());
                boolean isEmpty = file.isRegularFile() && file.size() == 0;
                if (isEmpty && !LockTable.isOpen(file)) {
                    posix.unlink(log.path());
                }
            } catch (PosixException gone) {
                // An empty log does no harm. What the start has failed of is told.
            }
        }
    }
}
