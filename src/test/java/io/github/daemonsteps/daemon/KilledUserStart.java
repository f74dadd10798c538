package io.github.daemonsteps.daemon;

import io.github.daemonsteps.ffm.NativePosix;
import io.github.daemonsteps.posix.Signal;
import io.github.daemonsteps.process.Program;
import io.github.daemonsteps.steps.StepName;
import java.nio.file.Path;

/**
 * A launcher that is killed after a step of a start as the user nobody: {@code KilledUserStart STEP
 * PID_FILE LOG}.
 */
final class KilledUserStart {

    private KilledUserStart() {
    }

    public static void main(String[] args) {
        NativePosix posix = NativePosix.get();
        StepName step = new StepName(args[0]);
        Daemon daemon = Daemon.named("killed").pidFile(Path.of(args[1])).log(Path.of(args[2])).user("nobody")
                .noCoreDumps().onStep(report -> {
                    if (report.step().equals(step)) {
                        System.out.println(report.after().pid() + "\n" + report.after().sid());
                        posix.kill(posix.getpid(), Signal.SIGKILL);
                    }
                });
        System.out.println(daemon.start(Program.of("/bin/sleep", "60"), Readiness.aliveAfter()).message());
    }
}
