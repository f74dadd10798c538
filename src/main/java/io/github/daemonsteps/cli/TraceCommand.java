package io.github.daemonsteps.cli;

import io.github.daemonsteps.DaemonRun;
import io.github.daemonsteps.DaemonSteps;
import io.github.daemonsteps.DaemonSteps.PlannedStep;
import io.github.daemonsteps.daemon.Daemon;
import io.github.daemonsteps.daemon.ExitStatus;
import io.github.daemonsteps.daemon.Readiness;
import io.github.daemonsteps.daemon.StartResult;
import io.github.daemonsteps.steps.StepReport;
import io.github.daemonsteps.text.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The subcommand {@code trace}: the seven steps, or those of a start, on a forked process that is killed
 * after the last one.
 */
final class TraceCommand {

    private final Arguments arguments;
    private final List<StepReport> reports = new ArrayList<>();

    private TraceCommand(Arguments arguments) {
        this.arguments = arguments;
    }

    static int run(Arguments arguments) {
        var trace = new TraceCommand(arguments);
        return arguments.command().isEmpty() ? trace.ofSeven() : trace.ofStart();
    }

    private int ofSeven() {
        DaemonSteps steps = ClassicSteps.of(arguments);
        Consumer<StepReport> view = view(steps.plan());
        try (DaemonRun run = steps.start()) {
            run.forEach(view);
        }
        printJson();
        StepReport last = reports.getLast();
        return last.failed() ? Main.failed(1, last.message()) : 0;
    }

    private int ofStart() {
        Daemon daemon = LifecycleCommands.daemonOfCommand(arguments);
        Readiness readiness = LifecycleCommands.readiness(arguments);
        Optional<StartResult> result = daemon.onStep(view(daemon.plan(readiness)))
                .dryRun(LifecycleCommands.program(arguments), readiness);
        printJson();
        return result.map(failed -> Main.failed(Math.max(1, ExitStatus.of(failed)), failed.message()))
                .orElse(0);
    }

    /** Returns an observer that shows each report. In JSON, all reports are printed together at the end. */
    private Consumer<StepReport> view(List<PlannedStep> plan) {
        Consumer<StepReport> keep = reports::add;
        return arguments.has(Option.JSON) ? keep : keep.andThen(new StepPrinter(System.out, plan)::show);
    }

    private void printJson() {
        if (arguments.has(Option.JSON)) {
            System.out.println(Json.array(reports.stream().map(ReportJson::report).toList(), true));
        }
    }
}
