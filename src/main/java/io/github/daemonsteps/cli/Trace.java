package io.github.daemonsteps.cli;

import io.github.daemonsteps.DaemonRun;
import io.github.daemonsteps.StepReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The verb {@code trace}: the seven steps on a forked process that is let go again. */
final class Trace {

    private Trace() {
    }

    static int run(Arguments arguments) throws IOException {
        Path log = arguments.path(Option.LOG);
        boolean logIsNew = log != null && Files.notExists(log);
        List<StepReport> reports;
        try (DaemonRun run = Recipe.of(arguments).begin()) {
            if (arguments.has(Option.JSON)) {
                reports = run.finish();
                System.out.println(Json.array(reports.stream().map(Json::report).toList(), true));
            } else {
                var view = new TraceView(System.out);
                run.forEach(view::show);
                reports = run.reports();
            }
        } finally {
            if (logIsNew && Files.exists(log) && Files.size(log) == 0) {
                Files.delete(log); // nothing stays behind
            }
        }
        StepReport last = reports.getLast();
        return last.failed() ? Main.failed(1, last.step() + ": " + last.outcome()) : 0;
    }
}
