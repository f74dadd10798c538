package io.github.daemonsteps.daemon.start;

import io.github.daemonsteps.DaemonRun;
import io.github.daemonsteps.daemon.Readiness;
import io.github.daemonsteps.daemon.StartResult;
import io.github.daemonsteps.daemon.Status;
import io.github.daemonsteps.daemon.config.DaemonConfig;
import io.github.daemonsteps.daemon.control.DaemonController;
import io.github.daemonsteps.daemon.control.LibraryClasses;
import io.github.daemonsteps.daemon.files.FileRefusedException;
import io.github.daemonsteps.daemon.readiness.NotificationPipe;
import io.github.daemonsteps.daemon.readiness.ReadinessWaiter;
import io.github.daemonsteps.daemon.supervisor.Handover;
import io.github.daemonsteps.ffm.NativePosix;
import io.github.daemonsteps.ffm.OwnStack;
import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.Deadline;
import io.github.daemonsteps.posix.Errno;
import io.github.daemonsteps.posix.ForkedProcess;
import io.github.daemonsteps.posix.ForkedProcessException;
import io.github.daemonsteps.posix.PosixException;
import io.github.daemonsteps.posix.StandardDescriptors;
import io.github.daemonsteps.process.Environment;
import io.github.daemonsteps.process.Program;
import io.github.daemonsteps.procfs.ProcLink;
import io.github.daemonsteps.procfs.ProcessStat;
import io.github.daemonsteps.steps.ForkAgain;
import io.github.daemonsteps.steps.StepReport;
import io.github.daemonsteps.steps.extra.ListenSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A start, from the first read of the pid file to the readiness message of the daemon. */
public final class Start {

    private final StartPlan plan;
    private final DaemonConfig config;
    private final Program program;
    private final Readiness readiness;
    private final NativePosix posix;

    /** Warnings about relative paths, found before the program can create a file. */
    private final List<String> relativePaths;

    /** Null if the start sends no message to a supervisor. */
    private final @Nullable Handover handover;

    /** Closes the sockets that this process holds during a restart; null if there are none. */
    private final @Nullable Runnable release;

    /** True if the process is killed after its last step, in place of EXEC. */
    private final boolean isDryRun;

    private Start(StartPlan plan, Program program, Readiness readiness, @Nullable Runnable release,
            boolean isDryRun) {
        this.release = release;
        this.isDryRun = isDryRun;
        this.plan = plan;
        this.config = plan.config();
        this.program = program;
        this.readiness = readiness;
        this.posix = config.posix();
        this.relativePaths = plan.relativePaths(program, readiness);
        Optional<CString> notifySocket = isDryRun ? Optional.empty() : plan.notifySocket(program);
        this.handover = notifySocket.isPresent() ? new Handover(notifySocket.get()) : null;
    }

    /** Starts a program as a daemon. */
    public static StartResult run(DaemonConfig config, Program program, Readiness readiness) {
        return run(config, program, readiness, Map.of(), null);
    }

    /**
     * Starts a program as a daemon.
     *
     * @param held descriptors of this process that are sockets of the daemon already
     * @param release closes these descriptors, if another start is under way; null if there are none
     */
    static StartResult run(DaemonConfig config, Program program, Readiness readiness,
            Map<ListenSocket, Integer> held, @Nullable Runnable release) {
        return OwnStack.call(() -> attempt(config, program, readiness, held, release, false)).orElseThrow();
    }

    /**
     * Takes the steps of a start, and rolls them back: the process is killed and the pid file removed.
     *
     * @return why the start would fail, or that the daemon runs; empty if all steps have succeeded
     */
    public static Optional<StartResult> dryRun(DaemonConfig config, Program program, Readiness readiness) {
        return OwnStack.call(() -> attempt(config, program, readiness, Map.of(), null, true));
    }

    private static Optional<StartResult> attempt(DaemonConfig config, Program program, Readiness readiness,
            Map<ListenSocket, Integer> held, @Nullable Runnable release, boolean isDryRun) {
        Optional<StartResult> refusal = Preflight.beforeStart(config, readiness);
        if (refusal.isPresent()) {
            return refusal;
        }
        StartPlan plan;
        try {
            plan = StartPlan.of(config).withHeld(held);
        } catch (IllegalArgumentException e) { // no such user, or sockets that conflict
            return Optional.of(Preflight.failed(config, e));
        }
        try {
            return new Start(plan, program, readiness, release, isDryRun).run();
        } catch (PosixException e) {
            return Optional.of(Preflight.failed(config, e));
        }
    }

    private Optional<StartResult> run() {
        Optional<StartResult> clash = Preflight.ofFiles(config);
        if (clash.isEmpty()) {
            clash = Preflight.ofSockets(plan, readiness);
        }
        if (clash.isPresent()) {
            return clash;
        }
        try {
            StartResult running = running();
            if (running != null) {
                return Optional.of(outcome(running));
            }
            config.makeDefaultDirectories(posix);
            plan.checkBeforeOpen(posix);
            long logLength = plan.errorLog().length(posix);
            Optional<StartResult> result = attempt();
            return result.isEmpty() ? result : Optional.of(withLog(outcome(result.get()), logLength));
        } catch (StartRefusedException e) {
            return Optional.of(outcome(e.result()));
        } catch (FileRefusedException e) {
            return Optional.of(Preflight.failed(config, e));
        }
    }

    /** Adds the end of the log to a failure, and the process that still holds the lock. */
    private StartResult withLog(StartResult result, long logLength) {
        return result instanceof StartResult.Failed failed
                ? new StartResult.Failed(failed.name(), failed.reason() + inheritedLock(), failed.errno(),
                        failed.programMissing(), config.errorLog().toString(),
                        plan.errorLog().end(logLength, posix))
                : result;
    }

    /**
     * Returns a text if a process still holds the lock. A child in a session of its own is not killed, and
     * may hold it.
     */
    private String inheritedLock() {
        Status status = new DaemonController(config).status();
        return status.state() instanceof Status.State.LockInherited ? "; " + status.text() : "";
    }

    /** Returns the result with more warnings, if the daemon was started. */
    static StartResult withWarnings(StartResult result, List<String> warnings) {
        if (warnings.isEmpty() || !(result instanceof StartResult.Started started)) {
            return result;
        }
        List<String> all = new ArrayList<>(started.warnings());
        all.addAll(warnings);
        return new StartResult.Started(started.name(), started.pid(), started.text(), all);
    }

    private StartResult.Failed failed(String reason, @Nullable Errno errno) {
        return Preflight.failed(config, reason, errno);
    }

    /**
     * Returns the result if a daemon runs already, or if the state is unknown; null if the start may
     * continue.
     */
    private @Nullable StartResult running() {
        return AlreadyThere.of(config, program);
    }

    /** Returns the outcome of another start if one is in progress, or else the given result. */
    private StartResult outcome(StartResult result) {
        boolean waits = result instanceof StartResult.AlreadyRunning already && already.starting()
                && !already.exclusive();
        if (!waits) {
            return result;
        }
        if (release != null) {
            release.run(); // the other start needs the addresses
        }
        return new StartUnderWay(config, program).outcome(((StartResult.AlreadyRunning) result).pid());
    }

    private Optional<StartResult> attempt() {
        long until = Deadline.in(config.startTimeout());
        try (var pipe = NotificationPipe.of(readiness, posix, plan.firstFreeDescriptor());
                var attempt = new StartTransaction(config.pidFile(), posix)) {
            try {
                return attempt(attempt, pipe, until);
            } catch (ForkedProcessException | IllegalStateException | StartRefusedException e) {
                if (attempt.isCancelled()) { // the cancellation caused the failure
                    return Optional.of(cancelled());
                } else if (e instanceof StartRefusedException refused) {
                    throw new StartRefusedException(explained(refused.result(), attempt));
                } else if (e instanceof ForkedProcessException ended) {
                    return Optional.of(explained(Preflight.failed(config, ended), attempt));
                }
                throw e;
            }
        } catch (ForkedProcessException e) {
            return Optional.of(Preflight.failed(config, e));
        }
    }

    /** Adds how the process has exited, if it has. Its parent, the session leader, can report this. */
    private static StartResult explained(StartResult result, StartTransaction attempt) {
        if (result instanceof StartResult.Failed failed && failed.errno() == null) {
            Optional<String> end = attempt.endDuringSteps();
            if (end.isPresent()) {
                return new StartResult.Failed(failed.name(), failed.reason() + "; " + end.get(), null,
                        failed.programMissing(), failed.log(), failed.logTail());
            }
        }
        return result;
    }

    private Optional<StartResult> attempt(StartTransaction attempt, NotificationPipe pipe, long until) {
        var forkAgain = new ForkAgain(leader -> {
            attempt.leader(leader);
            // The leader must close the pipe too: otherwise the launcher never reaches the end of file.
            check(StartPlan.closeDescriptors(leader));
        });
        var pidFile = new AcquirePidFile(config.pidFile(), process -> acquirePidFile(attempt, process));
        var logs = new VerifyLogs(process -> checkLogs(process, attempt.lockedDescriptor()));
        DaemonRun run = attempt.begin(config.prepared(plan.steps(forkAgain, plan.placement(readiness, pipe),
                pidFile, logs, plan.sockets() == null ? null : plan.listen(attempt.createSockets())))
                .start());
        for (StepReport report : run) {
            config.observe(report);
            stopIfPresent(pidFile.result());
            stopIfPresent(logs.result());
            check(report);
            if (System.nanoTime() - until > 0) {
                throw new StartRefusedException(late(false));
            }
        }
        if (isDryRun) {
            return Optional.empty();
        }
        execute(run, pipe);
        pipe.closeWriteEnd();
        LibraryClasses.loadBeforeWait(config, handover != null);
        return Optional.of(verdict(attempt,
                new ReadinessWaiter(posix, attempt.watch(), handover).await(readiness, pipe.readEnd(),
                        until)));
    }

    private StartResult.Failed late(boolean extended) {
        return failed("not ready within " + (extended
                ? "the time that the program requested"
                : Deadline.capped(config.startTimeout()).toMillis() + " ms") + "; killed",
                null);
    }

    private StartResult cancelled() {
        return failed("the start was cancelled", null);
    }

    private void check(StepReport report) {
        stopIfPresent(Preflight.of(config, report));
    }

    private static void stopIfPresent(Optional<StartResult> failed) {
        if (failed.isPresent()) {
            throw new StartRefusedException(failed.get());
        }
    }

    private int acquirePidFile(StartTransaction attempt, ForkedProcess process) {
        attempt.watch(process.pid());
        reserveDescriptors(process);
        try {
            stopIfPresent(AlreadyThere.orAcquired(config, program,
                    () -> attempt.takePidFile(process, program, plan.identity() != null)));
        } catch (FileRefusedException e) {
            throw new StartRefusedException(Preflight.failed(config, e));
        }
        return attempt.lockedDescriptor();
    }

    /** Occupies the descriptors of the sockets, so that the pid file gets a higher one. CLOSE frees them. */
    private void reserveDescriptors(ForkedProcess process) {
        if (plan.sockets() != null) {
            int free = process.duplicateFrom(process.controlFd(), StandardDescriptors.COUNT);
            while (free < plan.firstFreeDescriptor()) { // CLOSE closes the reserved ones
                free = process.duplicateFrom(process.controlFd(), StandardDescriptors.COUNT);
            }
            process.close(free);
        }
    }

    /** Checks the logs as they are open now, before anything is written to them. */
    private void checkLogs(ForkedProcess process, int pidFile) {
        try {
            plan.checkOpened(process, posix);
            Optional<String> clash = DistinctFiles.of(config).clashOfOpened(pidFile, process, posix);
            if (clash.isPresent()) {
                throw new StartRefusedException(failed(clash.get(), null));
            }
        } catch (FileRefusedException e) {
            throw new StartRefusedException(Preflight.failed(config, e));
        }
    }

    private void execute(DaemonRun run, NotificationPipe pipe) {
        ForkedProcess process = run.process();
        Environment environment = plan.environment(program, readiness, process.pid());
        if (readiness instanceof Readiness.Handshake) {
            environment = environment.with(handshake(process.pid(), pipe));
        }
        StepReport executed =
                run.execve(new Program(program.path(), program.arguments(), environment.variables()));
        config.observe(executed);
        stopIfPresent(Preflight.ofExecution(config, program, executed));
    }

    /** Returns the variable that describes the pipe to the process. */
    private CString handshake(int pid, NotificationPipe pipe) {
        Optional<ProcessStat> stat = ProcessStat.of(pid);
        if (stat.isEmpty()) {
            throw new StartRefusedException(failed("process " + pid + " cannot be seen in /proc", null));
        }
        return pipe.variable(pid, stat.get().startTime(), ProcLink.workingDirectory(posix).path());
    }

    private StartResult verdict(StartTransaction attempt, ReadinessWaiter.Event word) {
        return switch (word) {
            case ReadinessWaiter.Event.Ready ready -> ready(attempt, ready.text());
            case ReadinessWaiter.Event.Failed failure -> failed(failure.reason() + lostPaths(), null);
            case ReadinessWaiter.Event.Exited _ ->
                attempt.isCancelled() ? cancelled() : failed(attempt.end() + lostPaths(), null);
            case ReadinessWaiter.Event.TimedOut silent -> late(silent.extended());
            case ReadinessWaiter.Event.TooLong tooLong ->
                failed(tooLong.whatItDid() + "; killed", null);
        };
    }

    /**
     * Names the arguments that the program may have searched in vain, as a part of the reason for its exit.
     */
    private String lostPaths() {
        return relativePaths.stream().map(warning -> "; " + warning).collect(Collectors.joining());
    }

    private StartResult ready(StartTransaction attempt, String text) {
        try {
            attempt.checkPidFile();
        } catch (FileRefusedException e) {
            return attempt.isCancelled() ? cancelled() : failed(e.getMessage(), e.errno());
        }
        if (!attempt.commit()) {
            return cancelled();
        }
        int pid = attempt.watch().pid();
        String message = text.isEmpty() ? attempt.listening() : text;
        List<String> warnings = new ArrayList<>(warningsOfSupervisor(pid, message));
        warnings.addAll(relativePaths);
        if (plan.sockets() != null) {
            warnings.addAll(plan.sockets().warnings());
        }
        return new StartResult.Started(config.name(), pid, message, warnings);
    }

    /** Reports the daemon to the supervisor. A supervisor that knows the daemon does not kill it. */
    private List<String> warningsOfSupervisor(int pid, String text) {
        if (handover == null) {
            return ServiceUnit.warnings();
        }
        boolean isTold = handover.complete(pid, text);
        List<String> warnings = new ArrayList<>(handover.warnings());
        if (!isTold) {
            warnings.addAll(ServiceUnit.warnings());
        }
        return warnings;
    }
}
