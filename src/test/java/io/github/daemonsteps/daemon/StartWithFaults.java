package io.github.daemonsteps.daemon;

import io.github.daemonsteps.posix.CallInterceptor.Place;
import io.github.daemonsteps.posix.ForkedProcess;
import io.github.daemonsteps.process.Program;
import io.github.daemonsteps.steps.StepName;
import io.github.daemonsteps.steps.StepReport;
import io.github.daemonsteps.testing.ProcessTag;
import io.github.daemonsteps.testkit.Faults;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A start whose every call goes through {@link Faults}.
 *
 * @param kind the program and its readiness
 * @param directory the directory of its pid file and log, which contains nothing else
 * @param user the user of the daemon, or empty for the user of the launcher
 */
record StartWithFaults(Kind kind, Path directory, String user) {

    /** The deadline of a request whose process may have a fault. No request takes long, and a machine can be slow. */
    static final Duration DEADLINE = Duration.ofSeconds(3);

    /** A program and its readiness. */
    enum Kind {
        /** The program is ready as long as it runs. */
        RUNNING(new Readiness.AliveAfter(Duration.ofMillis(1)), "exec sleep 300"),
        /** The program writes a newline. It survives if the launcher has ended. */
        NEWLINE(Readiness.notificationFd(9), "trap '' PIPE; echo >&9; trap - PIPE; exec sleep 300 9>&-"),
        /** The program uses the handshake, as this library does. */
        TOLD(Readiness.handshake(),
                "IFS=:; set -- $DAEMON_STEPS_HANDSHAKE; echo READY here >/proc/self/fd/$3; exec bash -c \"exec sleep 300 $3>&-\""),
        /** The program inherits sockets. */
        LISTENING(new Readiness.AliveAfter(Duration.ofMillis(1)), "exec sleep 300"),
        /** The program exits before it is ready. */
        ENDING(Readiness.notificationFd(9), "exit 3");

        private final Readiness readiness;
        private final String script;

        Kind(Readiness readiness, String script) {
            this.readiness = readiness;
            this.script = script;
        }
    }

    /** A start whose daemon has the user of the launcher. */
    StartWithFaults(Kind kind, Path directory) {
        this(kind, directory, "");
    }

    Path pidFile() {
        return directory.resolve("d.pid");
    }

    Path log() {
        return directory.resolve("d.log");
    }

    /** Returns the file of a socket, which a daemon leaves to the next start. */
    Path socket() {
        return directory.resolve("socket");
    }

    /** Returns the daemon without faults. */
    Daemon daemon() {
        Daemon daemon = tag().addTo(Daemon.named("d").pidFile(pidFile()).log(log())
                .startTimeout(Duration.ofSeconds(20)).stopTimeout(Duration.ofSeconds(20)));
        if (!user.isEmpty()) {
            daemon = daemon.user(user);
        }
        if (kind == Kind.LISTENING) {
            daemon = daemon.listen("127.0.0.1:0").listen(socket() + ",mode=0600");
        }
        return kind == Kind.TOLD ? daemon.openFileLimit(100) : daemon;
    }

    /** Returns the tag of the processes of the start. Its launcher may be another JVM. */
    ProcessTag tag() {
        return new ProcessTag(directory.toString());
    }

    /** Starts the daemon. A request fails after {@link #DEADLINE}. */
    StartResult start(Faults faults) {
        return start(faults, _ -> {
        }, DEADLINE);
    }

    /** Starts the daemon. Requests have the usual deadline. */
    StartResult start(Faults faults, Consumer<StepReport> observer) {
        return start(faults, observer, ForkedProcess.DEADLINE);
    }

    private StartResult start(Faults faults, Consumer<StepReport> observer, Duration deadline) {
        return daemon().onStep(observer).callTimeout(deadline).interceptCalls(faults)
                .start(Program.of("/bin/sh", "-c", kind.script), kind.readiness);
    }

    /**
     * A call of a start.
     *
     * @param call the call
     * @param step the step that makes the call, or null
     */
    record Recorded(Faults.Call call, @Nullable StepName step) {}

    /** Returns the calls of a start without faults, in order. */
    List<Recorded> record() throws IOException {
        var faults = Faults.none();
        List<Recorded> recorded = new ArrayList<>();
        StartResult result = start(faults, report -> addStep(report, faults.calls(), recorded), DEADLINE);
        if (result instanceof StartResult.Started != (kind != Kind.ENDING)) {
            throw new AssertionError(result.toString());
        }
        List<Faults.Call> calls = faults.calls();
        calls.subList(recorded.size(), calls.size()).forEach(call -> recorded.add(new Recorded(call, null)));
        daemon().stop();
        Files.deleteIfExists(log());
        Files.deleteIfExists(socket());
        return recorded;
    }

    /** Adds the calls of a step. They are the last calls of the forked process, with the calls of the launcher between them. */
    private static void addStep(StepReport report, List<Faults.Call> calls, List<Recorded> recorded) {
        int first = calls.size();
        int inStep = report.calls().size();
        while (inStep > 0 && first > recorded.size()) {
            first--;
            boolean isTheSteps = calls.get(first).place() == Place.CHILD
                    || (report.step().equals(StepName.FORK) && calls.get(first).function().equals("fork"));
            inStep -= isTheSteps ? 1 : 0;
        }
        for (int i = recorded.size(); i < calls.size(); i++) {
            recorded.add(new Recorded(calls.get(i), i >= first ? report.step() : null));
        }
    }
}
