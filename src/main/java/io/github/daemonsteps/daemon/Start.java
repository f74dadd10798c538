package io.github.daemonsteps.daemon;

import io.github.daemonsteps.ChangeDirectory;
import io.github.daemonsteps.ChangeUser;
import io.github.daemonsteps.CloseDescriptors;
import io.github.daemonsteps.DaemonRun;
import io.github.daemonsteps.DaemonSteps;
import io.github.daemonsteps.Environment;
import io.github.daemonsteps.ForbidCoreDumps;
import io.github.daemonsteps.ForbidNewPrivileges;
import io.github.daemonsteps.ForkAgain;
import io.github.daemonsteps.Identity;
import io.github.daemonsteps.Outcome;
import io.github.daemonsteps.Program;
import io.github.daemonsteps.ReopenStandardDescriptors;
import io.github.daemonsteps.SetUmask;
import io.github.daemonsteps.StartSession;
import io.github.daemonsteps.Step;
import io.github.daemonsteps.StepName;
import io.github.daemonsteps.StepReport;
import io.github.daemonsteps.Target;
import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.Deadline;
import io.github.daemonsteps.posix.Disposition;
import io.github.daemonsteps.posix.Errno;
import io.github.daemonsteps.posix.ForkedProcess;
import io.github.daemonsteps.posix.ForkedProcessException;
import io.github.daemonsteps.posix.NativePosix;
import io.github.daemonsteps.posix.PosixException;
import io.github.daemonsteps.posix.Privileges.Limit;
import io.github.daemonsteps.posix.Privileges.Resource;
import io.github.daemonsteps.posix.ProcessStat;
import io.github.daemonsteps.posix.Signal;
import io.github.daemonsteps.text.Plain;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A start, from the first look at the pid file to the word of the daemon. */
final class Start {

    /** How long a daemon that says that it has failed may take to end by itself. */
    private static final Duration LAST_WORDS = Duration.ofSeconds(5);

    private final Daemon daemon;
    private final Program program;
    private final Readiness readiness;
    private final NativePosix posix;
    /** Who the daemon is to be; null: who starts it. */
    private @Nullable Identity identity;

    Start(Daemon daemon, Program program, Readiness readiness) {
        this.daemon = daemon;
        this.program = program;
        this.readiness = readiness;
        this.posix = daemon.settings().posix.get();
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

    /** Why it cannot be started, as far as that can be told before anything is done. */
    static Optional<StartResult> refusal(Daemon daemon) {
        return refusalAtOnce(daemon).or(() -> refusalOfLogs(daemon));
    }

    /** Why no daemon at all can be started from this JVM. */
    private static Optional<StartResult> refusalHere(Daemon daemon) {
        Optional<String> why = ProcessHandle.current().pid() == 1
                ? Optional
                        .of("this is process 1 of its pid namespace, and no daemon would outlive it: use run")
                : ForeignProc.reason();
        return why.map(reason -> new StartResult.Failed(daemon.name(), reason, null, false, "", List.of()));
    }

    /** What is asked of nobody but this process. */
    private static Optional<StartResult> refusalAtOnce(Daemon daemon) {
        return refusalHere(daemon).or(() -> refusalOfUser(daemon));
    }

    private static Optional<StartResult> refusalOfUser(Daemon daemon) {
        CString user = daemon.settings().user;
        return user == null || ChangeUser.isPermitted()
                ? Optional.empty()
                : Optional.of(
                        failed(daemon, "only root can start it as another user, " + Plain.of(user.toString())
                                + ", and this is user " + ThisJvm.user(), Errno.EPERM));
    }

    private static Optional<StartResult> refusalOfLogs(Daemon daemon) {
        NativePosix posix = daemon.settings().posix.get();
        try {
            Identity identity = identity(daemon);
            logFile(daemon.log(), identity).checkUnopened(posix);
            logFile(daemon.errorLog(), identity).checkUnopened(posix);
            return Optional.empty();
        } catch (UntrustedFile untrusted) {
            if (daemon.settings().log == null && Errno.ENOENT.equals(untrusted.errno())) {
                return Optional.empty(); // the start makes the folders of the default log
            }
            return Optional.of(failed(daemon, untrusted.getMessage(), untrusted.errno()));
        } catch (IllegalArgumentException noSuchUser) {
            return Optional.of(failed(daemon, String.valueOf(noSuchUser.getMessage()), null));
        }
    }

    StartResult run() {
        Optional<StartResult> refusal = refusalAtOnce(daemon);
        if (refusal.isPresent()) {
            return refusal.get();
        }
        if (readiness instanceof Readiness.Newline newline && daemon.settings().kept.contains(newline.fd())) {
            return failed("descriptor " + newline.fd() + " cannot be both kept and the one to be ready on",
                    null);
        }
        try {
            StartResult running = running();
            if (running != null) {
                return running;
            }
            identity = identity(daemon);

            daemon.makeDefaultFolders(posix);
            log().checkUnopened(posix);
            errorLog().checkUnopened(posix);
            long logLength = errorLog().length(posix);
            StartResult result = attemptWithNewLogs();
            return result instanceof StartResult.Failed failed
                    ? new StartResult.Failed(failed.name(), failed.reason(), failed.errno(),
                            failed.programMissing(),
                            daemon.errorLog().toString(), errorLog().end(logLength, posix))
                    : result;
        } catch (Stopped stopped) {
            return stopped.result;
        } catch (UntrustedFile untrusted) {
            return failed(untrusted.getMessage(), untrusted.errno());
        } catch (PosixException failed) {
            return failed(failed.getMessage(), failed.errno());
        } catch (IllegalArgumentException noSuchUser) {
            return failed(String.valueOf(noSuchUser.getMessage()), null);
        }
    }

    private StartResult.Failed failed(String reason, @Nullable Errno errno) {
        return failed(daemon, reason, errno);
    }

    private static StartResult.Failed failed(Daemon daemon, String reason, @Nullable Errno errno) {
        return new StartResult.Failed(daemon.name(), reason, errno, false, daemon.errorLog().toString(),
                List.of());
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

    /** The steps of a start, with nothing done. */
    static List<DaemonSteps.PlannedStep> plan(Daemon daemon) {
        return steps(daemon, identity(daemon), new ForkAgain()).plan();
    }

    private static @Nullable Identity identity(Daemon daemon) {
        CString user = daemon.settings().user;
        return user == null ? null : Identity.of(user);
    }

    /** Another user than the one who starts may own the log that is its own. */
    private static LogFile logFile(CString path, @Nullable Identity identity) {
        return new LogFile(path, identity == null ? Set.of() : Set.of(identity.uid()));
    }

    private LogFile log() {
        return logFile(daemon.log(), identity);
    }

    private LogFile errorLog() {
        return logFile(daemon.errorLog(), identity);
    }

    private static DaemonSteps steps(Daemon daemon, @Nullable Identity identity, ForkAgain forkAgain) {
        Settings settings = daemon.settings();
        List<Step> steps = new ArrayList<>(List.of(new StartSession(), forkAgain,
                new ChangeDirectory(settings.directory), new SetUmask(settings.umask),
                new CloseDescriptors(settings.kept),
                new ReopenStandardDescriptors(Target.devNull(), new LogFile(daemon.log()).target(),
                        new LogFile(daemon.errorLog()).target())));
        if (identity != null) {
            steps.add(new ChangeUser(identity));
        }
        if (settings.noNewPrivileges) {
            steps.add(new ForbidNewPrivileges());
        }
        if (settings.noCoreDumps) {
            steps.add(new ForbidCoreDumps());
        }
        return DaemonSteps.of(steps.toArray(Step[]::new)).deadline(requestDeadline(settings));
    }

    /** No request is waited for longer than the whole start. */
    private static Duration requestDeadline(Settings settings) {
        return settings.startTimeout.compareTo(ForkedProcess.DEADLINE) < 0
                ? settings.startTimeout
                : ForkedProcess.DEADLINE;
    }

    private StartResult attemptWithNewLogs() {
        var newLogs = new NewLogs(posix, log(), errorLog());
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
                attempt.begin(daemon.settings().begin.apply(steps(daemon, identity, new ForkAgain(leader -> {
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
        if (identity != null) {
            pipe.giveTo(identity);
        }
        pipe.descriptor().ifPresent(run::keep);
        attempt.watch(process.pid());
        String held = "";
        for (int i = 0; i < PidFile.TRIES; i++) {
            try {
                run.keep(attempt.takePidFile(process, identity != null));
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
            log().checkOpened(process.fstat(1), posix);
            errorLog().checkOpened(process.fstat(2), posix);
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
        var environment = environment();
        for (CString variable : daemon.settings().variables) {
            environment = environment.with(variable);
        }
        if (readiness instanceof Readiness.Told) {
            int pid = process.pid();
            long startTime = ProcessStat.of(pid).map(ProcessStat::startTime)
                    .orElseThrow(
                            () -> new Stopped(failed("process " + pid + " cannot be seen in /proc", null)));
            environment = environment.with(pipe.variable(pid, startTime));
        }
        observe(run.execve(new Program(program.path(), program.arguments(), environment.variables())));
    }

    /** What of the program's environment is handed down. */
    private Environment environment() {
        var all = new Environment(program.environment()).without(Handshake.VARIABLE);
        if (identity == null) {
            return all;
        }
        Environment handedDown = identity.environment(all, daemon.settings().keepEnvironment);
        if (readiness instanceof Readiness.Told) {
            for (String name : ThisJvm.VARIABLES) { // they belong to its command line, as the options there do
                Optional<CString> value = all.get(name);
                if (value.isPresent()) {
                    handedDown = handedDown.with(CString.of(name + "=").plus(value.get()));
                }
            }
        }
        return handedDown;
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
        };
    }
}
