package io.github.daemonsteps.daemon.start;

import io.github.daemonsteps.DaemonRun;
import io.github.daemonsteps.daemon.Readiness;
import io.github.daemonsteps.daemon.StartResult;
import io.github.daemonsteps.daemon.Status;
import io.github.daemonsteps.daemon.config.DaemonConfig;
import io.github.daemonsteps.daemon.control.DaemonController;
import io.github.daemonsteps.daemon.files.FileRefusedException;
import io.github.daemonsteps.daemon.pidfile.PidFile;
import io.github.daemonsteps.daemon.readiness.NotificationPipe;
import io.github.daemonsteps.ffm.NativePosix;
import io.github.daemonsteps.posix.ForkedProcess;
import io.github.daemonsteps.posix.ForkedProcessException;
import io.github.daemonsteps.posix.PosixException;
import io.github.daemonsteps.process.Program;
import io.github.daemonsteps.steps.ForkAgain;
import io.github.daemonsteps.steps.Step;
import io.github.daemonsteps.steps.StepName;
import io.github.daemonsteps.steps.StepReport;
import io.github.daemonsteps.steps.extra.BoundSockets;
import io.github.daemonsteps.steps.extra.Listen;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A dry run of a start: all its steps, on a process that is then killed. A step that would fail in the start
 * fails here. The pid file is not acquired and nothing is executed. The directories of default files, and
 * logs, are created as a start creates them.
 */
public final class DryRun {

    private final StartPlan plan;
    private final DaemonConfig config;
    private final @Nullable Program program;
    private final Readiness readiness;
    private final NativePosix posix;
    private @Nullable ForkedProcess leader;

    private DryRun(StartPlan plan, @Nullable Program program, Readiness readiness) {
        this.plan = plan;
        this.config = plan.config();
        this.program = program;
        this.readiness = readiness;
        this.posix = config.posix();
    }

    /**
     * Returns why a start would fail, as far as this is seen before its program is executed. A running daemon
     * is not a reason.
     *
     * @param program the program to start; null if it is not known
     * @return the failure; empty if none is found
     */
    public static Optional<StartResult> refusal(DaemonConfig config, @Nullable Program program,
            Readiness readiness) {
        Optional<StartResult> refusal = Preflight.beforeStart(config, readiness);
        if (refusal.isPresent()) {
            return refusal;
        }
        try {
            StartPlan plan = StartPlan.of(config);
            Optional<StartResult> clash = Preflight.ofSockets(plan, readiness);
            return clash.isPresent() ? clash : new DryRun(plan, program, readiness).run();
        } catch (PosixException | FileRefusedException | ForkedProcessException
                | IllegalArgumentException e) {
            return Optional.of(Preflight.failed(config, e));
        }
    }

    private Optional<StartResult> run() throws FileRefusedException {
        Optional<StartResult> refusal =
                Preflight.ofFiles(config).or(() -> AlreadyThere.refusal(config, program));
        if (refusal.isPresent()) {
            return refusal;
        }
        config.makeDefaultDirectories(posix);
        plan.checkBeforeOpen(posix);
        var pidFile = new PidFile(config.pidFile());
        pidFile.checkBeforeOpen(posix);
        pidFile.checkWritable(posix);
        if (pidFile.isHeldHere(posix)) {
            return Optional.of(Preflight.failed(config, "pid file "
                    + config.pidFile().quoted()
                    + ": this process inherited the lock from the daemon; restart from another process",
                    null));
        }
        var forkAgain = new ForkAgain(this::closeDescriptors);
        var logs = new VerifyLogs(this::checkLogs);
        var untouched = new AcquirePidFile(config.pidFile(), process -> {
            throw new IllegalStateException("a dry run does not acquire the pid file");
        });
        try (var pipe = NotificationPipe.of(readiness, posix, plan.firstFreeDescriptor());
                DaemonRun run = config.prepared(
                        plan.steps(forkAgain, plan.placement(readiness, pipe), untouched, logs, listen())
                                .without(AcquirePidFile.NAME))
                        .start()) {
            for (StepReport report : run) {
                Optional<StartResult> failure = logs.result().or(() -> Preflight.of(config, report));
                if (failure.isPresent()) {
                    return failure;
                }
            }
            return program == null ? Optional.empty() : ofProgram(program, run.process());
        } catch (StartRefusedException e) {
            return Optional.of(e.result());
        } finally {
            if (leader != null) {
                leader.close();
            }
        }
    }

    /** Returns a step that tries all sockets but those of the running daemon; null without sockets. */
    private @Nullable Step listen() {
        if (plan.sockets() == null) {
            return null;
        }
        Listen listen = plan.listen(new BoundSockets());
        int running = new DaemonController(config).look().state() instanceof Status.State.Running state
                ? state.pid()
                : 0;
        return listen == null ? null : listen.trial(running);
    }

    private void closeDescriptors(ForkedProcess staying) {
        leader = staying;
        Preflight.of(config, StartPlan.closeDescriptors(staying)).ifPresent(failure -> {
            throw new StartRefusedException(failure);
        });
    }

    private void checkLogs(ForkedProcess process) {
        try {
            plan.checkOpened(process, posix);
        } catch (FileRefusedException e) {
            throw new StartRefusedException(Preflight.failed(config, e));
        }
    }

    private Optional<StartResult> ofProgram(Program program, ForkedProcess process) {
        try {
            new ProgramCheck(process).check(program.path());
            return Optional.empty();
        } catch (PosixException e) {
            return Optional
                    .of(Preflight.ofProgram(config, program, StepName.EXEC + ": " + e.getMessage(),
                            e.errno()));
        }
    }
}
