package io.github.daemonsteps.cli;

import io.github.daemonsteps.DaemonRun;
import io.github.daemonsteps.StepReport;
import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.FileStatus;
import io.github.daemonsteps.posix.NativePosix;
import io.github.daemonsteps.posix.PosixException;
import io.github.daemonsteps.text.Json;
import java.util.List;
import java.util.Optional;

/** The verb {@code trace}: the seven steps on a forked process that is let go again. */
final class Trace {

    private Trace() {
    }

    static int run(Arguments arguments) {
        NativePosix posix = NativePosix.get();
        Optional<CString> newLog = arguments.path(Option.LOG).filter(log -> status(log, posix).isEmpty());
        List<StepReport> reports;
        try (DaemonRun run = Recipe.of(arguments).begin()) {
            if (arguments.has(Option.JSON)) {
                reports = run.finish();
                System.out.println(Json.array(reports.stream().map(ReportJson::report).toList(), true));
            } else {
                var view = new TraceView(System.out);
                run.forEach(view::show);
                reports = run.reports();
            }
        } finally {
            // Nothing stays behind.
            newLog.filter(log -> status(log, posix).filter(file -> file.isRegularFile() && file.size() == 0)
                    .isPresent()).ifPresent(posix::unlink);
        }
        StepReport last = reports.getLast();
        return last.failed() ? Main.failed(1, last.message()) : 0;
    }

    private static Optional<FileStatus> status(CString file, NativePosix posix) {
        try {
            return Optional.of(posix.lstat(file));
        } catch (PosixException none) {
            return Optional.empty();
        }
    }
}
