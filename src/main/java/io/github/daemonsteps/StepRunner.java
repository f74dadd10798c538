package io.github.daemonsteps;

import io.github.daemonsteps.posix.ForkedProcess;
import io.github.daemonsteps.posix.ForkedProcessException;
import io.github.daemonsteps.posix.PosixCall;
import io.github.daemonsteps.posix.PosixException;
import java.util.ArrayList;
import java.util.List;

/** Runs a step and writes its report. */
final class StepRunner {

    private StepRunner() {
    }

    static StepReport run(Step step, ForkedProcess process, Kernel kernel) {
        List<PosixCall> calls = new ArrayList<>();
        var context = new StepContext(process, kernel);
        process.listen(calls::add);
        Outcome outcome = perform(step, context);
        process.listen(call -> {
        });
        return new StepReport(step.name(), calls, context.before(), context.now(), outcome);
    }

    private static Outcome perform(Step step, StepContext context) {
        try {
            return step.perform(context);
        } catch (PosixException failed) {
            return failure(failed);
        } catch (ForkedProcessException ended) {
            return new Outcome.Failed(step.name().name(), null, ended.getMessage());
        }
    }

    static Outcome.Failed failure(PosixException failed) {
        return new Outcome.Failed(failed.call().text(), failed.errno(), failed.errno().text());
    }
}
