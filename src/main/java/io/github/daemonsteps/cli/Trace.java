package io.github.daemonsteps.cli;

import io.github.daemonsteps.DaemonRun;
import io.github.daemonsteps.StepReport;
import io.github.daemonsteps.text.Json;
import java.util.List;

/** The verb {@code trace}: the seven steps on a forked process that is let go again. */
final class Trace {

    private Trace() {
    }

    static int run(Arguments arguments) {
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
        }
        StepReport last = reports.getLast();
        return last.failed() ? Main.failed(1, last.message()) : 0;
    }
}
