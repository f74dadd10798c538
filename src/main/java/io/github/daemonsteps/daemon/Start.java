package io.github.daemonsteps.daemon;

import io.github.daemonsteps.CloseDescriptors;
import io.github.daemonsteps.DaemonRun;
import io.github.daemonsteps.Environment;
import io.github.daemonsteps.ForkAgain;
import io.github.daemonsteps.Outcome;
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
import io.github.daemonsteps.posix.Privileges.Limit;
import io.github.daemonsteps.posix.Privileges.Resource;
import io.github.daemonsteps.posix.ProcessStat;
import io.github.daemonsteps.posix.Signal;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A start, from the first look at the pid file to the word of the daemon. */
final class Start {

    /** How long a daemon that says that it has failed may take to end by itself. */
    private static final Duration LAST_WORDS = Duration.ofSeconds(5);

    private final StartPlan plan;
    private final Daemon daemon;
    private final Program program;
    private final Readiness readiness;
    private final NativePosix posix;

    private Start(StartPlan plan, Program program, Readiness readiness) {
        this.plan = plan;
        this.daemon = plan.daemon();
        this.program = program;
        this.readiness = readiness;
        this.posix = daemon.settings().posix.get();
    }

    /** Starts a program as a daemon. */
    static StartResult run(Daemon daemon, Program program, Readiness readiness) {
        return OwnStack.call(() -> make(daemon, program, readiness));
    }

    private static StartResult make(Daemon daemon, Program program, Readiness readiness) {
        Optional<StartResult> refusal = Refusal.atOnce(daemon);
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

    /** Why the start ends here. */
    private static final class Stopped extends RuntimeException {

        private static final long serialVersionUID = 1;
        private final transient StartResult result;

        Stopped(StartResult result) {
            super(result.message());
            this.result = result;
        }
    }

    private StartResult run() {
        if (readiness instanceof Readiness.Newline newline && daemon.settings().kept.contains(newline.fd())) {
            return failed("descriptor " + newline.fd() + " cannot be both kept and the one to be ready on",
                    null);
        }
        try {
            StartResult running = running();
            if (running != null) {
                return running;
            }
            daemon.makeDefaultFolders(posix);
            plan.log().checkUnopened(posix);
            plan.errorLog().checkUnopened(posix);
            long logLength = plan.errorLog().length(posix);
            StartResult result = attemptWithNewLogs();
            return result instanceof StartResult.Failed failed
                    ? new StartResult.Failed(failed.name(), failed.reason(), failed.errno(),
                            failed.programMissing(),
                            daemon.errorLog().toString(), plan.errorLog().end(logLength, posix))
                    : result;
        } catch (Stopped stopped) {
            return stopped.result;
        } catch (UntrustedFile untrusted) {
            return failed(untrusted.getMessage(), untrusted.errno());
        }
    }

    private StartResult.Failed failed(String reason, @Nullable Errno errno) {
        return Refusal.failed(daemon, reason, errno);
    }

    /** What is to be said if one runs already, or it cannot be told; null if there is none. */
    private @Nullable StartResult running() {
        String name = daemon.name();
        Status status = daemon.status();
        return switch (status.state()) {
            case Status.State.Running running ->
                new StartResult.RunsAlready(name, running.pid(), false, daemon.settings().exclusive);
            case Status.State.Starting starting ->
                new StartResult.RunsAlready(name, starting.pid(), true, daemon.settings().exclusive);
            case Status.State.Dead _,Status.State.NotRunning _ -> null;
            case Status.State.LeftBehind _,Status.State.HeldByOther _ -> failed(status.text(), null);
            case Status.State.Unknown unknown -> failed(unknown.why(), unknown.errno());
        };
    }

    private StartResult attemptWithNewLogs() {
        var newLogs = new NewLogs(posix, plan.log(), plan.errorLog());
        boolean hasStarted = false;
        try {
            StartResult result = attempt();
            hasStarted = result instanceof StartResult.Started;
            return result;
        } finally {
            if (!hasStarted) {
                newLogs.removeEmpty();
            }
        }
    }

    private StartResult attempt() {
        long until = Deadline.in(daemon.settings().startTimeout);
        try (var pipe = ReadyPipe.of(readiness, posix); var attempt = new Attempt(daemon.pidFile(), posix)) {
            try {
                return attempt(attempt, pipe, until);
            } catch (ForkedProcessException | IllegalStateException | Stopped stopped) {
                if (attempt.isCancelled()) { // then whatever has failed did so because of that
                    return cancelled();
                }
                throw stopped;
            }
        } catch (ForkedProcessException ended) {
            return failed(ended.getMessage(), null);
        }
    }

    private StartResult attempt(Attempt attempt, ReadyPipe pipe, long until) {
        DaemonRun run =
                attempt.begin(daemon.settings().begin.apply(plan.steps(new ForkAgain(leader -> {
                    attempt.leader(leader);
                    check(new CloseDescriptors().run(leader)); // else the pipe has no end while it is there
                }))));
        for (StepReport report : run) {
            observe(report);
            if (System.nanoTime() - until > 0) {
                throw new Stopped(late(false));
            }
            if (report.step() == StepName.SETSID) {
                // Ignored, as some launcher may have it, would keep the leader from learning of an end.
                run.process().signal(Signal.SIGCHLD, Disposition.SIG_DFL);
            } else if (report.step() == StepName.FORK_AGAIN) {
                takePidFile(attempt, run, pipe);
            } else if (report.step() == StepName.REOPEN) {
                checkLogs(run.process());
            }
        }
        execute(run, pipe);
        pipe.closeWriteEnd();
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
        if (report.outcome() instanceof Outcome.Failed failed) {
            boolean programMissing = report.step() == StepName.EXEC && Errno.ENOENT.equals(failed.errno());
            throw new Stopped(
                    new StartResult.Failed(daemon.name(), report.message(), failed.errno(),
                            programMissing, daemon.errorLog().toString(), List.of()));
        }
    }

    /** By the daemon's own process, so that the lock is its own, and before anything else that it could fail of. */
    private void takePidFile(Attempt attempt, DaemonRun run, ReadyPipe pipe) {
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
                run.keep(attempt.takePidFile(process, plan.identity() != null));
                return;
            } catch (PidFile.Refused refused) {
                StartResult running =
                        refused.isHeld() ? running() : failed(refused.getMessage(), refused.errno());
                if (running != null) {
                    throw new Stopped(running);
                }
                held = refused.getMessage(); // let go of since: it is to be had now
            }
        }
        throw new Stopped(failed(held + " by a process that cannot be seen from here", null));
    }

    /** As they are open now. Nothing has been written to them yet. */
    private void checkLogs(ForkedProcess process) {
        try {
            plan.log().checkOpened(process.fstat(1), posix);
            plan.errorLog().checkOpened(process.fstat(2), posix);
        } catch (UntrustedFile untrusted) {
            throw new Stopped(failed(untrusted.getMessage(), untrusted.errno()));
        }
    }

    private void execute(DaemonRun run, ReadyPipe pipe) {
        ForkedProcess process = run.process();
        Long openFiles = daemon.settings().openFiles;
        if (openFiles != null) {
            long hard = process.getrlimit(Resource.RLIMIT_NOFILE).hard();
            process.setrlimit(Resource.RLIMIT_NOFILE, new Limit(openFiles, hard));
        }
        Environment environment = plan.environment(program, readiness);
        if (readiness instanceof Readiness.Told) {
            int pid = process.pid();
            long startTime = ProcessStat.of(pid).map(ProcessStat::startTime)
                    .orElseThrow(
                            () -> new Stopped(failed("process " + pid + " cannot be seen in /proc", null)));
            environment = environment.with(pipe.variable(pid, startTime));
        }
        observe(run.execve(new Program(program.path(), program.arguments(), environment.variables())));
    }

    private StartResult verdict(Attempt attempt, Listener.Word word) {
        int pid = attempt.watch().pid();
        return switch (word) {
            case Listener.Word.Ready ready -> attempt.succeed()
                    ? new StartResult.Started(daemon.name(), pid, ready.text())
                    : cancelled();
            case Listener.Word.Failed failure -> {
                // It may still be tidying up.
                attempt.watch().awaitEnd(Deadline.in(LAST_WORDS));
                yield failed(failure.reason(), null);
            }
            case Listener.Word.Ended _ -> attempt.isCancelled() ? cancelled() : failed(attempt.end(), null);
            case Listener.Word.Silent silent -> late(silent.extended());
            case Listener.Word.TooLong tooLong -> failed(tooLong.whatItDid() + ", and was ended", null);
        };
    }
}
