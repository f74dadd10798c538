package io.github.daemonsteps.daemon;

import io.github.daemonsteps.posix.ForkedProcess;
import io.github.daemonsteps.process.Program;
import io.github.daemonsteps.relay.Faults;
import io.github.daemonsteps.steps.StepReport;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * A start in the course of which somebody is killed or stopped.
 *
 * @param directory where its pid file and its log are, and nothing else
 * @param user who the daemon is to be; empty: who starts it
 */
record SweptStart(Path directory, String user) {

    Path pidFile() {
        return directory.resolve("d.pid");
    }

    Path log() {
        return directory.resolve("d.log");
    }

    Daemon daemon() {
        Daemon daemon = Daemon.named("d").pidFile(pidFile()).log(log());
        return user.isEmpty() ? daemon : daemon.user(user).inheritEnvironment(); // which has the mark of the sandbox
    }

    /** Starts it, with every call going through these. */
    StartResult start(Faults faults, Consumer<StepReport> observer) {
        return DaemonWithFaults.of(daemon().onStep(observer), faults, ForkedProcess.DEADLINE)
                .start(Program.of("/bin/sleep", "300"), new Readiness.AliveAfter(Duration.ofMillis(1)));
    }
}
