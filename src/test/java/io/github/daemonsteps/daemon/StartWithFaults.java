package io.github.daemonsteps.daemon;

import io.github.daemonsteps.process.Program;
import io.github.daemonsteps.relay.Faults;
import io.github.daemonsteps.relay.Faults.Where;
import io.github.daemonsteps.steps.StepName;
import io.github.daemonsteps.steps.StepReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A start whose every call goes through {@link Faults}, and which goes one of a few ways.
 *
 * @param kind which way
 * @param directory where its pid file and its log are
 */
record StartWithFaults(Kind kind, Path directory) {

    /** All that it starts has this variable. */
    static final String MARK = "DAEMON_STEPS_FAULTS";

    /** For a request. Nothing here takes long, and a machine can be slow. */
    private static final Duration DEADLINE = Duration.ofSeconds(3);

    /** What is started, and how it gets ready. */
    enum Kind {
        /** It gets ready by running. */
        RUNNING(new Readiness.AliveAfter(Duration.ofMillis(1)), "exec sleep 300"),
        /** It writes a newline, and does not mind if nobody is there any more to read that. */
        NEWLINE(Readiness.notificationFd(9), "trap '' PIPE; echo >&9; exec sleep 300 9>&-"),
        /** It says so as this library does, through the pipe that its variable tells of. */
        TOLD(Readiness.handshake(),
                "IFS=:; set -- $DAEMON_STEPS_HANDSHAKE; echo READY here >/proc/self/fd/$3; exec sleep 300"),
        /** It ends before it is ready. */
        ENDING(Readiness.notificationFd(9), "exit 3");

        private final Readiness readiness;
        private final String script;

        Kind(Readiness readiness, String script) {
            this.readiness = readiness;
            this.script = script;
        }
    }

    Path pidFile() {
        return directory.resolve("d.pid");
    }

    Path log() {
        return directory.resolve("d.log");
    }

    /** The daemon with no faults. */
    Daemon daemon() {
        Daemon daemon = Daemon.named("d").pidFile(pidFile()).log(log()).startTimeout(Duration.ofSeconds(20))
                .stopTimeout(Duration.ofSeconds(20)).environment(MARK, directory.toString());
        return kind == Kind.TOLD ? daemon.openFileLimit(100) : daemon;
    }

    /** Starts it. */
    StartResult start(Faults faults) {
        return start(faults, report -> {
        }, DEADLINE);
    }

    /** The same with somebody who is shown the reports of its steps, and a deadline for each request. */
    StartResult start(Faults faults, Consumer<StepReport> observer, Duration deadline) {
        return DaemonWithFaults.of(daemon().onStep(observer), faults, deadline)
                .start(Program.of("/bin/sh", "-c", kind.script), kind.readiness);
    }

    /**
     * A call that a start makes.
     *
     * @param call the call
     * @param step the step that makes it, or null if none does
     */
    record Recorded(Faults.Call call, @Nullable StepName step) {}

    /** The calls of a start with no fault, in order. */
    List<Recorded> record() throws IOException {
        var faults = new Faults(new Faults.Script() {});
        List<Recorded> recorded = new ArrayList<>();
        StartResult result = start(faults, report -> addStep(report, faults.calls(), recorded), DEADLINE);
        if (result instanceof StartResult.Started != (kind != Kind.ENDING)) {
            throw new AssertionError(result.toString());
        }
        List<Faults.Call> calls = faults.calls();
        calls.subList(recorded.size(), calls.size()).forEach(call -> recorded.add(new Recorded(call, null)));
        daemon().stop();
        Files.deleteIfExists(log());
        return recorded;
    }

    /** The last calls of the forked process are those that the report has, and what the launcher does meanwhile is for them. */
    private static void addStep(StepReport report, List<Faults.Call> calls, List<Recorded> recorded) {
        int first = calls.size();
        int inStep = report.calls().size();
        while (inStep > 0 && first > recorded.size()) {
            first--;
            boolean isTheSteps = calls.get(first).where() == Where.CHILD
                    || (report.step().equals(StepName.FORK) && calls.get(first).function().equals("fork"));
            inStep -= isTheSteps ? 1 : 0;
        }
        for (int i = recorded.size(); i < calls.size(); i++) {
            recorded.add(new Recorded(calls.get(i), i >= first ? report.step() : null));
        }
    }
}
