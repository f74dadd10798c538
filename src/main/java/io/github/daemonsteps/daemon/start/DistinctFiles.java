package io.github.daemonsteps.daemon.start;

import io.github.daemonsteps.daemon.config.DaemonConfig;
import io.github.daemonsteps.daemon.files.FileLocation;
import io.github.daemonsteps.daemon.pidfile.RecordFile;
import io.github.daemonsteps.ffm.NativePosix;
import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.FileStatus;
import io.github.daemonsteps.posix.ForkedProcess;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The files that a daemon writes to. A log must not be the pid file or its record: the daemon's output would
 * overwrite them. The log and the error log may be the same file.
 *
 * @param pidFile the path of the pid file
 * @param log the path of the log
 * @param errorLog the path of the error log
 */
record DistinctFiles(CString pidFile, CString log, CString errorLog) {

    static DistinctFiles of(DaemonConfig config) {
        return new DistinctFiles(config.pidFile(), config.log(), config.errorLog());
    }

    /**
     * A file with its purpose.
     *
     * @param what the purpose, for people
     * @param path the path of the file
     */
    private record Named(String what, CString path) {
        @Override
        public String toString() {
            return what + " " + path.quoted();
        }
    }

    private Named namedLog() {
        return new Named("the log", log);
    }

    private Named namedErrorLog() {
        return new Named(errorLog.equals(log) ? "the log" : "the error log", errorLog);
    }

    private Named namedPidFile() {
        return new Named("the pid file", pidFile);
    }

    private Named namedRecord() {
        return new Named("the record of the pid file", RecordFile.of(pidFile).path());
    }

    /**
     * Returns a message if a path of a log is one of the pid file or its record.
     *
     * @return the message; empty if the paths differ
     */
    Optional<String> clash(NativePosix posix) {
        for (Named own : List.of(namedPidFile(), namedRecord())) {
            FileLocation location = FileLocation.of(own.path(), posix);
            for (Named printed : List.of(namedLog(), namedErrorLog())) {
                if (location.isSameAs(FileLocation.of(printed.path(), posix))) {
                    return Optional.of(clash(printed, own));
                }
            }
        }
        return Optional.empty();
    }

    /**
     * Returns the same for the open descriptors of a process, since a path may have changed after
     * {@link #clash}.
     */
    Optional<String> clashOfOpened(int pidFileDescriptor, ForkedProcess process, NativePosix posix) {
        List<FileStatus> printed = List.of(process.fstat(1), process.fstat(2));
        List<Named> names = List.of(namedLog(), namedErrorLog());
        List<Named> owns = new ArrayList<>(List.of(namedPidFile()));
        List<FileStatus> statuses = new ArrayList<>(List.of(process.fstat(pidFileDescriptor)));
        // A record that does not exist is not one of the open files.
        Optional<FileStatus> record = posix.tryStat(namedRecord().path());
        if (record.isPresent()) {
            statuses.add(record.get());
            owns.add(namedRecord());
        }
        for (int i = 0; i < printed.size(); i++) {
            for (int j = 0; j < owns.size(); j++) {
                if (printed.get(i).isSameFileAs(statuses.get(j))) {
                    return Optional.of(clash(names.get(i), owns.get(j)));
                }
            }
        }
        return Optional.empty();
    }

    private static String clash(Named printed, Named own) {
        return printed + " and " + own + " are one file: give them different files";
    }
}
