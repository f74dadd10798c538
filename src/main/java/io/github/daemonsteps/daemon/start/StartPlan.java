package io.github.daemonsteps.daemon.start;

import io.github.daemonsteps.DaemonSteps;
import io.github.daemonsteps.daemon.Readiness;
import io.github.daemonsteps.daemon.config.DaemonConfig;
import io.github.daemonsteps.daemon.files.FileRefusedException;
import io.github.daemonsteps.daemon.files.LogFile;
import io.github.daemonsteps.daemon.files.RelativePaths;
import io.github.daemonsteps.daemon.readiness.Handshake;
import io.github.daemonsteps.daemon.readiness.NotificationPipe;
import io.github.daemonsteps.ffm.NativePosix;
import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.ForkedProcess;
import io.github.daemonsteps.posix.StandardDescriptors;
import io.github.daemonsteps.process.Environment;
import io.github.daemonsteps.process.ProcessInspector;
import io.github.daemonsteps.process.Program;
import io.github.daemonsteps.process.SupervisorVariables;
import io.github.daemonsteps.process.UserIdentity;
import io.github.daemonsteps.steps.ChangeDirectory;
import io.github.daemonsteps.steps.CloseDescriptors;
import io.github.daemonsteps.steps.ForkAgain;
import io.github.daemonsteps.steps.ReopenStandardDescriptors;
import io.github.daemonsteps.steps.SetUmask;
import io.github.daemonsteps.steps.StartSession;
import io.github.daemonsteps.steps.Step;
import io.github.daemonsteps.steps.StepContext;
import io.github.daemonsteps.steps.StepReport;
import io.github.daemonsteps.steps.StreamTarget;
import io.github.daemonsteps.steps.extra.BoundSockets;
import io.github.daemonsteps.steps.extra.DropPrivileges;
import io.github.daemonsteps.steps.extra.Listen;
import io.github.daemonsteps.steps.extra.ListenSocket;
import io.github.daemonsteps.steps.extra.NoCoreDumps;
import io.github.daemonsteps.steps.extra.NoNewPrivileges;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The plan of a start: the user, the steps, the logs, the environment.
 *
 * @param config the configuration of the daemon
 * @param identity the user of the daemon; null: the user of the launcher
 * @param sockets the sockets that the daemon inherits; null for none
 */
public record StartPlan(DaemonConfig config, @Nullable UserIdentity identity, @Nullable SocketPlan sockets) {

    /**
     * Looks up the daemon's user, if the daemon has one of its own, and the sockets that this process was
     * passed.
     *
     * @throws IllegalArgumentException if the user does not exist, if the sockets conflict, or if descriptor
     *         0 must become a socket and not exactly one socket is configured
     */
    public static StartPlan of(DaemonConfig config) {
        if (!hasSockets(config)) {
            return new StartPlan(config, config.identity(), null);
        }
        var plan = new StartPlan(config, config.identity(),
                SocketPlan.of(config.sockets(), config.socketOnStdin(), Environment.inherited()));
        plan.listen(new BoundSockets()); // throws if the sockets conflict
        return plan;
    }

    /** Returns the same plan, in which this process already has some of the sockets. */
    StartPlan withHeld(Map<ListenSocket, Integer> held) {
        return sockets == null || held.isEmpty()
                ? this
                : new StartPlan(config, identity, sockets.withHeld(held));
    }

    /** Returns whether the daemon may inherit a socket. Otherwise no class of sockets is loaded. */
    private static boolean hasSockets(DaemonConfig config) {
        return config.hasSockets() || System.getenv(SupervisorVariables.LISTEN_PID) != null;
    }

    LogFile log() {
        return LogFile.of(config.log(), identity);
    }

    LogFile errorLog() {
        return LogFile.of(config.errorLog(), identity);
    }

    /**
     * Checks the logs before they are opened, and the paths of the sockets before they are bound.
     *
     * @throws FileRefusedException if a log or a path cannot be trusted
     */
    void checkBeforeOpen(NativePosix posix) throws FileRefusedException {
        log().checkBeforeOpen(posix);
        errorLog().checkBeforeOpen(posix);
        if (sockets != null) {
            sockets.checkBeforeBind(identity, posix);
        }
    }

    /**
     * Checks the logs that a process has open. Nothing has been written to them yet.
     *
     * @throws FileRefusedException if a log cannot be trusted
     */
    void checkOpened(ForkedProcess process, NativePosix posix) throws FileRefusedException {
        log().checkOpened(process.fstat(1), posix);
        errorLog().checkOpened(process.fstat(2), posix);
    }

    /**
     * Returns the steps of a start: the seven, those of the life cycle, and those that the caller has added.
     *
     * @param pipe the notification pipe; empty if the readiness needs none
     * @param listen the step that binds the sockets; null if there is nothing to bind
     */
    DaemonSteps steps(ForkAgain forkAgain, Optional<PlaceNotificationFd> pipe, AcquirePidFile pidFile,
            VerifyLogs logs, @Nullable Step listen) {
        List<Step> steps = new ArrayList<>(List.of(new StartSession(), new ResetSigchld(), forkAgain));
        if (pipe.isPresent()) {
            steps.add(pipe.get());
        }
        steps.addAll(List.of(pidFile, new ChangeDirectory(config.directory()), new SetUmask(config.umask()),
                new CloseDescriptors(kept()),
                new ReopenStandardDescriptors(StreamTarget.devNull(), log().target(), errorLog().target()),
                logs));
        if (listen != null) {
            steps.add(listen);
        }
        steps.addAll(config.steps());
        if (identity != null) {
            steps.add(new DropPrivileges(identity));
        }
        if (config.noNewPrivileges()) {
            steps.add(new NoNewPrivileges());
        }
        if (config.noCoreDumps()) {
            steps.add(new NoCoreDumps());
        }
        if (config.openFiles() != null) {
            steps.add(new SetOpenFileLimit(config.openFiles()));
        }
        DaemonSteps all = DaemonSteps.of(steps.toArray(new Step[0])).callTimeout(requestDeadline());
        if (sockets != null) {
            all = all.controlFrom(firstFreeDescriptor());
        }
        return config.observer() == null ? all.withoutDescriptorLists() : all;
    }

    /** Returns the descriptors of the launcher that the daemon inherits. */
    private SortedSet<Integer> kept() {
        if (sockets == null) {
            return config.kept();
        }
        SortedSet<Integer> kept = new TreeSet<>(config.kept());
        kept.addAll(sockets.passedDescriptors());
        kept.addAll(sockets.held().values());
        return kept;
    }

    /** Returns the lowest descriptor that does not belong to a socket of the daemon. */
    int firstFreeDescriptor() {
        return sockets == null ? StandardDescriptors.COUNT : sockets.end();
    }

    /**
     * Returns the step that binds the sockets; null if there is nothing to bind.
     *
     * @param bound receives the sockets
     */
    @Nullable
    Listen listen(BoundSockets bound) {
        return sockets == null || !sockets.needsStep() ? null : sockets.step(identity, bound);
    }

    /** Closes all descriptors of a session leader that stays, and returns the report. */
    static StepReport closeDescriptors(ForkedProcess leader) {
        return new CloseDescriptors()
                .run(new StepContext(leader, ProcessInspector.ofThisSystem().withoutDescriptors()));
    }

    /** Returns the same steps for a plan. These steps cannot be taken. */
    public DaemonSteps planned(Readiness readiness) {
        return steps(new ForkAgain(), placement(readiness, null),
                new AcquirePidFile(config.pidFile(), process -> {
                    throw new IllegalStateException("a plan is not taken");
                }), new VerifyLogs(process -> {
                    throw new IllegalStateException("a plan is not taken");
                }), sockets == null ? null : listen(new BoundSockets()));
    }

    /**
     * Returns the step that places the notification pipe; empty if the readiness needs none.
     *
     * @param pipe the notification pipe; null in a plan
     */
    Optional<PlaceNotificationFd> placement(Readiness readiness, @Nullable NotificationPipe pipe) {
        return readiness instanceof Readiness.AliveAfter
                ? Optional.empty()
                : Optional.of(new PlaceNotificationFd(readiness, pipe, identity));
    }

    /** Returns the time limit of a request, which must not exceed that of the whole start. */
    private Duration requestDeadline() {
        Duration whole = config.startTimeout();
        return whole.compareTo(ForkedProcess.DEADLINE) < 0 ? whole : ForkedProcess.DEADLINE;
    }

    /**
     * Returns the program's environment, with the variables of the configuration.
     *
     * @param daemon the process that becomes the program
     */
    Environment environment(Program program, Readiness readiness, int daemon) {
        Environment caller = new Environment(program.environment()).without(Handshake.VARIABLE);
        long launcher = ProcessHandle.current().pid();
        Environment all = SupervisorVariables.withoutNotifySocket(SupervisorVariables.forOther(caller,
                launcher, sockets == null ? config.kept() : Set.of(), daemon));
        Environment environment = identity == null ? all : handedDown(identity, all, readiness);
        if (notifySocket(program).isPresent()) {
            environment = SupervisorVariables.forMainProcess(caller, environment, launcher, daemon);
        }
        for (CString variable : config.variables()) {
            environment = environment.with(variable);
        }
        return sockets == null || sockets.isEmpty() ? environment : sockets.addTo(environment, daemon);
    }

    /** Returns the socket of the supervisor that must be told of the daemon; empty if none must be. */
    Optional<CString> notifySocket(Program program) {
        return config.mainProcess()
                ? SupervisorVariables.notifySocket(new Environment(program.environment()),
                        ProcessHandle.current().pid())
                : Optional.empty();
    }

    /**
     * Returns a warning for each argument and variable with a relative path that does not exist in the
     * program's directory.
     */
    List<String> relativePaths(Program program, Readiness readiness) {
        NativePosix posix = config.posix();
        Environment environment = environment(program, readiness, (int) ProcessHandle.current().pid());
        return RelativePaths.warnings(
                new Program(program.path(), program.arguments(), environment.variables()),
                config.variables(), config.directory(), posix);
    }

    private Environment handedDown(UserIdentity to, Environment all, Readiness readiness) {
        Environment handedDown = to.environment(all, config.keepEnvironment());
        if (readiness instanceof Readiness.Handshake) {
            for (CString variable : all.ofJvm()) { // they belong to its command line, as the options there do
                handedDown = handedDown.with(variable);
            }
        }
        return handedDown;
    }
}
