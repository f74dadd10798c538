package io.github.daemonsteps.daemon;

import io.github.daemonsteps.posix.Processes;
import io.github.daemonsteps.process.Program;
import io.github.daemonsteps.steps.StepName;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * A launcher that is ended by a signal after a step of its start, and prints the result: {@code
 * CancelledStart STEP PID_FILE LOG}.
 */
public final class CancelledStart {

    private CancelledStart() {
    }

    public static void main(String[] args) {
        var told = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> await(told)));
        StepName step = new StepName(args[0]);
        Daemon daemon = Daemon.named("cancelled").pidFile(Path.of(args[1])).log(Path.of(args[2]))
                .onStep(report -> {
                    if (report.step().equals(step)) {
                        Thread.ofPlatform().daemon().start(() -> System.exit(143));
                        Processes.awaitEnd(report.after().pid());
                    }
                });
        System.out.println(daemon.start(Program.of("/bin/sleep", "60"), Readiness.aliveAfter()).message());
        told.countDown();
    }

    private static void await(CountDownLatch told) {
        try {
            told.await(1, TimeUnit.MINUTES);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
