package io.github.daemonsteps.daemon;

import io.github.daemonsteps.CloseDescriptors;
import io.github.daemonsteps.DaemonRun;
import io.github.daemonsteps.Environment;
import io.github.daemonsteps.ForkAgain;
import io.github.daemonsteps.Program;
import io.github.daemonsteps.StepName;
import io.github.daemonsteps.StepReport;
import io.github.daemonsteps.posix.Deadline;
import io.github.daemonsteps.posix.Disposition;
import io.github.daemonsteps.posix.Errno;
import io.github.daemonsteps.posix.ForkedProcess;
import io.github.daemonsteps.posix.ForkedProcessException;
import io.github.daemonsteps.posix.NativePosix;
import io.github.daemonsteps.posix.OwnStack;
import io.github.daemonsteps.posix.PosixException;
import io.github.daemonsteps.posix.ProcLink;
import io.github.daemonsteps.posix.ProcessStat;
import io.github.daemonsteps.posix.Signal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A start, from the first look at the pid file to the readiness message of the daemon. */
final class Start {

    private final StartPlan plan;
    private final Daemon daemon;
    private final Program program;
    private final Readiness readiness;
    private final NativePosix posix;

    /** The warnings of relative paths, found before the program can create a file. */
    private final List<String> relativePaths;

    private Start(StartPlan plan, Program program, Readiness readiness) {
        this.plan = plan;
        this.daemon = plan.daemon();
        this.program = program;
        this.readiness = readiness;
        this.posix = daemon.settings().posix.get();
        this.relativePaths = plan.relativePaths(program, readiness);
    }

    /** Starts a program as a daemon. */
    static StartResult run(Daemon daemon, Program program, Readiness readiness) {
        return OwnStack.call(() -> make(daemon, program, readiness));
    }

    private static StartResult make(Daemon daemon, Program program, Readiness readiness) {
        Optional<StartResult> refusal =
                Refusal.atOnce(daemon).or(() -> Refusal.ofReadiness(daemon, readiness));
        if (refusal.isPresent()) {
            return refusal.get();
        }
        try {
            return new Start(StartPlan.of(daemon), program, readiness).run();
        } catch (PosixException failed) {
            return Refusal.failed(daemon, failed.getMessage(), failed.errno());
        } catch (IllegalArgumentException noSuchUser) {
            return Refusal.failed(daemon, String.valueOf(noSuchUser.getMessage()), null);
        }
    }

    /** Ends the start with a result. */
    private static final class Stopped extends RuntimeException {

        private static final long serialVersionUID = 1;
        private final transient StartResult result;

        Stopped(StartResult result) {
            super(result.message());
            this.result = result;
        }
    }

    private StartResult run() {
        Optional<StartResult> clash = Refusal.ofFiles(daemon);
        if (clash.isPresent()) {
            return clash.get();
        }
        try {
            StartResult running = running();
            if (running != null) {
                return outcome(running);
            }
            daemon.makeDefaultFolders(posix);
            plan.checkUnopened(posix);
            long logLength = plan.errorLog().length(posix);
            StartResult result = outcome(attempt());
            return result instanceof StartResult.Failed failed
                    ? new StartResult.Failed(failed.name(), failed.reason() + leftBehind(), failed.errno(),
                            failed.programMissing(),
                            daemon.errorLog().toString(), plan.errorLog().end(logLength, posix))
                    : result;
        } catch (Stopped stopped) {
            return outcome(stopped.result);
        } catch (UntrustedFile untrusted) {
            return failed(untrusted.getMessage(), untrusted.errno());
        }
    }

    /** Returns a text if a process still holds the lock: a child in a session of its own is not killed. */
    private String leftBehind() {
        Status status = daemon.status();
        return status.state() instanceof Status.State.LeftBehind ? "; " + status.text() : "";
    }

    private StartResult.Failed failed(String reason, @Nullable Errno errno) {
        return Refusal.failed(daemon, reason, errno);
    }

    /** Returns the result if a daemon runs already, or if the state is unknown; null if the start may go on. */
    private @Nullable StartResult running() {
        return AlreadyThere.of(daemon, program);
    }

    /** Returns the outcome of another start if one is under way, or else the given result. */
    private StartResult outcome(StartResult result) {
        boolean waits = result instanceof StartResult.RunsAlready already && already.starting()
                && !already.exclusive();
        return waits
                ? new StartUnderWay(daemon, program).outcome(((StartResult.RunsAlready) result).pid())
                : result;
    }

    private StartResult attempt() {
        long until = Deadline.in(daemon.settings().startTimeout);
        try (var pipe = ReadyPipe.of(readiness, posix); var attempt = new Attempt(daemon.pidFile(), posix)) {
            try {
                return attempt(attempt, pipe, until);
            } catch (ForkedProcessException | IllegalStateException | Stopped stopped) {
                if (attempt.isCancelled()) { // the cancellation caused the failure
                    return cancelled();
                } else if (stopped instanceof Stopped known) {
                    throw new Stopped(explained(known.result, attempt));
                } else if (stopped instanceof ForkedProcessException ended) {
                    return explained(failed(ended.getMessage(), null), attempt);
                }
                throw stopped;
            }
        } catch (ForkedProcessException ended) {
            return failed(ended.getMessage(), null);
        }
    }

    /** Adds how the process ended, if it did: the session leader, its parent, can find out. */
    private static StartResult explained(StartResult result, Attempt attempt) {
        if (result instanceof StartResult.Failed failed && failed.errno() == null) {
            Optional<String> end = attempt.endDuringSteps();
            if (end.isPresent()) {
                return new StartResult.Failed(failed.name(), failed.reason() + "; " + end.get(), null,
                        failed.programMissing(), failed.log(), failed.logEnd());
            }
        }
        return result;
    }

    private StartResult attempt(Attempt attempt, ReadyPipe pipe, long until) {
        DaemonRun run =
                attempt.begin(daemon.settings().begin.apply(plan.steps(new ForkAgain(leader -> {
                    attempt.leader(leader);
                    // The leader must close the pipe too: there is no end of file as long as the leader has it open.
                    check(new CloseDescriptors().run(leader));
                }))));
        int pidFile = -1;
        for (StepReport report : run) {
            observe(report);
            if (System.nanoTime() - until > 0) {
                throw new Stopped(late(false));
            }
            if (report.step() == StepName.SETSID) {
                // A launcher may ignore SIGCHLD; the leader would then not learn how the daemon ends.
                run.process().signal(Signal.SIGCHLD, Disposition.SIG_DFL);
            } else if (report.step() == StepName.FORK_AGAIN) {
                pidFile = takePidFile(attempt, run, pipe);
            } else if (report.step() == StepName.REOPEN) {
                checkLogs(run.process(), pidFile);
            }
        }
        execute(run, pipe);
        pipe.closeWriteEnd();
        LibraryClasses.loadBeforeWait(daemon);
        return verdict(attempt,
                new Listener(posix, attempt.watch()).await(readiness, pipe.readEnd(), until));
    }

    private StartResult.Failed late(boolean extended) {
        return failed("it was not ready within " + (extended
                ? "the time that it asked for"
                : Deadline.capped(daemon.settings().startTimeout).toMillis() + " ms") + ", and was ended",
                null);
    }

    private StartResult cancelled() {
        return failed("the start was cancelled", null);
    }

    private void observe(StepReport report) {
        daemon.settings().observer.accept(report);
        check(report);
    }

    private void check(StepReport report) {
        stopIfPresent(Refusal.of(daemon, report));
    }

    private static void stopIfPresent(Optional<StartResult> failed) {
        if (failed.isPresent()) {
            throw new Stopped(failed.get());
        }
    }

    /** Acquires the pid file by the daemon's own process, so that the lock is its own, and before later steps can fail. */
    private int takePidFile(Attempt attempt, DaemonRun run, ReadyPipe pipe) {
        ForkedProcess process = run.process();
        pipe.place(process);
        if (plan.identity() != null) {
            pipe.giveTo(plan.identity());
        }
        pipe.descriptor().ifPresent(run::keep);
        attempt.watch(process.pid());
        String held = "";
        for (int i = 0; i < PidFile.TRIES; i++) {
            try {
                int fd = attempt.takePidFile(process, program, plan.identity() != null);
                run.keep(fd);
                return fd;
            } catch (PidFile.Refused refused) {
                StartResult running =
                        refused.isHeld() ? running() : failed(refused.getMessage(), refused.errno());
                if (running != null) {
                    throw new Stopped(running);
                }
                held = refused.getMessage(); // the lock was released since: try again
            }
        }
        throw new Stopped(failed(held + " by a process that cannot be seen from here", null));
    }

    /** Checks the logs as they are open now, before anything is written to them. */
    private void checkLogs(ForkedProcess process, int pidFile) {
        try {
            plan.checkOpened(process, posix);
            DistinctFiles.of(daemon).clashOfOpened(pidFile, process, posix).ifPresent(clash -> {
                throw new Stopped(failed(clash, null));
            });
        } catch (UntrustedFile untrusted) {
            throw new Stopped(failed(untrusted.getMessage(), untrusted.errno()));
        }
    }

    private void execute(DaemonRun run, ReadyPipe pipe) {
        ForkedProcess process = run.process();
        plan.limitOpenFiles(process);
        Environment environment = plan.environment(program, readiness, process.pid());
        if (readiness instanceof Readiness.Told) {
            int pid = process.pid();
            long startTime = ProcessStat.of(pid).map(ProcessStat::startTime)
                    .orElseThrow(
                            () -> new Stopped(failed("process " + pid + " cannot be seen in /proc", null)));
            environment =
                    environment.with(pipe.variable(pid, startTime, ProcLink.workingDirectory(posix).path()));
        }
        StepReport executed =
                run.execve(new Program(program.path(), program.arguments(), environment.variables()));
        daemon.settings().observer.accept(executed);
        stopIfPresent(Refusal.ofExecution(daemon, program, executed));
    }

    private StartResult verdict(Attempt attempt, Listener.Word word) {
        return switch (word) {
            case Listener.Word.Ready ready -> ready(attempt, ready.text());
            case Listener.Word.Failed failure -> failed(failure.reason() + lostPaths(), null);
            case Listener.Word.Ended _ ->
                attempt.isCancelled() ? cancelled() : failed(attempt.end() + lostPaths(), null);
            case Listener.Word.Silent silent -> late(silent.extended());
            case Listener.Word.TooLong tooLong -> failed(tooLong.whatItDid() + ", and was ended", null);
        };
    }

    /** Names the arguments that the program may have looked for in vain, as a part of the reason why it ended. */
    private String lostPaths() {
        return relativePaths.stream().map(warning -> "; " + warning).collect(Collectors.joining());
    }

    private StartResult ready(Attempt attempt, String text) {
        try {
            attempt.checkPidFile();
        } catch (PidFile.Refused replaced) {
            return attempt.isCancelled() ? cancelled() : failed(replaced.getMessage(), replaced.errno());
        }
        List<String> warnings = new ArrayList<>(ServiceUnit.warnings());
        warnings.addAll(relativePaths);
        return attempt.succeed()
                ? new StartResult.Started(daemon.name(), attempt.watch().pid(), text, warnings)
                : cancelled();
    }
}
