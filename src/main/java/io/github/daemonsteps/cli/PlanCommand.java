package io.github.daemonsteps.cli;

import io.github.daemonsteps.DaemonSteps.PlannedStep;
import io.github.daemonsteps.text.Json;
import java.util.List;

/** The subcommand {@code plan}: prints the steps without taking one. */
final class PlanCommand {

    private PlanCommand() {
    }

    static int run(Arguments arguments) {
        List<PlannedStep> plan = arguments.command().isEmpty()
                ? ClassicSteps.of(arguments).plan()
                : LifecycleCommands.daemonOfCommand(arguments).plan(LifecycleCommands.readiness(arguments));
        if (arguments.has(Option.JSON)) {
            System.out.println(Json.array(plan.stream().map(PlanCommand::json).toList(), true));
            return 0;
        }
        var view = new StepPrinter(System.out, plan);
        for (PlannedStep step : plan) {
            view.show(step);
        }
        return 0;
    }

    private static String json(PlannedStep step) {
        return Json.object("step", Json.string(step.step().name()), "calls",
                Json.array(step.calls().stream().map(Json::string).toList(), false));
    }
}
