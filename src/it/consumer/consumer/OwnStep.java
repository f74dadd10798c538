package consumer;

import io.github.daemonsteps.DaemonSteps;
import io.github.daemonsteps.daemon.Daemon;
import io.github.daemonsteps.daemon.Readiness;
import io.github.daemonsteps.process.Program;
import java.nio.file.Path;

/** Takes a step of its own in both pipelines: {@code OwnStep DIRECTORY NICENESS}. */
public final class OwnStep {

    private OwnStep() {
    }

    /** Prints a line for each step of each pipeline, and the result of the start. */
    public static void main(String[] args) {
        Path directory = Path.of(args[0]);
        var step = new Niceness(Integer.parseInt(args[1]));
        DaemonSteps steps = DaemonSteps.classic().add(step);
        steps.plan().forEach(planned -> System.out.println("plan " + planned.step()));
        try (var run = steps.start()) {
            run.forEach(report -> System.out.println("run " + report.message()));
        }
        Daemon daemon = Daemon.named("own").pidFile(directory.resolve("own.pid"))
                .log(directory.resolve("own.log")).addStep(step)
                .onStep(report -> System.out.println("start " + report.message()));
        System.out.println(daemon.start(Program.of("/bin/sh", "-c", "nice; exec sleep 300"),
                Readiness.aliveAfter()).message());
        System.out.println(daemon.stop().message());
    }
}
