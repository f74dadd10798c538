package io.github.daemonsteps.daemon.start;

import io.github.daemonsteps.daemon.Readiness;
import io.github.daemonsteps.daemon.StartResult;
import io.github.daemonsteps.daemon.config.DaemonConfig;
import io.github.daemonsteps.daemon.control.OtherFiles;
import io.github.daemonsteps.daemon.files.FileRefusedException;
import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.Credentials.Resource;
import io.github.daemonsteps.posix.Errno;
import io.github.daemonsteps.posix.PosixException;
import io.github.daemonsteps.process.Program;
import io.github.daemonsteps.process.ProgramFile;
import io.github.daemonsteps.procfs.ProcMount;
import io.github.daemonsteps.steps.StepOutcome;
import io.github.daemonsteps.steps.StepReport;
import io.github.daemonsteps.steps.extra.DropPrivileges;
import io.github.daemonsteps.text.TerminalSafe;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The reasons why a daemon cannot be started. {@link DryRun} finds all that are visible before the start. */
public final class Preflight {

    private Preflight() {
    }

    /** Returns a failure that is visible before anything is created. */
    static Optional<StartResult> beforeStart(DaemonConfig config, Readiness readiness) {
        Optional<StartResult> failure = ofThisJvm(config);
        if (failure.isEmpty()) {
            failure = ofUser(config);
        }
        return failure.isPresent() ? failure : ofReadiness(config, readiness);
    }

    /** Returns why this JVM cannot start any daemon. */
    private static Optional<StartResult> ofThisJvm(DaemonConfig config) {
        Optional<String> why = ProcessHandle.current().pid() == 1
                ? Optional
                        .of("this JVM is process 1 of its pid namespace: a daemon would end with it; use run")
                : ProcMount.reason();
        return why.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        new StartResult.Failed(config.name(), why.get(), null, false, "", List.of()));
    }

    private static Optional<StartResult> ofUser(DaemonConfig config) {
        CString user = config.user();
        return user == null || DropPrivileges.isPermitted()
                ? Optional.empty()
                : Optional.of(plain(config, "a start as another user, " + TerminalSafe.of(user.toString())
                        + ", needs CAP_SETUID and CAP_SETGID: user "
                        + CurrentJvm.user() + " does not have both; start as root", Errno.EPERM));
    }

    /**
     * Returns a failure if the readiness conflicts with the configuration, or with the limits of this
     * process.
     */
    private static Optional<StartResult> ofReadiness(DaemonConfig config, Readiness readiness) {
        if (!(readiness instanceof Readiness.NotificationFd newline)) {
            return Optional.empty();
        }
        int fd = newline.fd();
        if (config.kept().contains(fd)) {
            return Optional.of(plain(config,
                    "descriptor " + fd + " cannot be both kept open and the readiness descriptor", null));
        }
        long limit;
        try {
            limit = config.posix().getrlimit(Resource.RLIMIT_NOFILE).soft();
        } catch (PosixException e) {
            return Optional.of(plain(config, e.getMessage(), e.errno()));
        }
        return Long.compareUnsigned(fd, limit) < 0 // RLIM_INFINITY has all bits set
                ? Optional.empty()
                : Optional.of(plain(config, "descriptor " + fd
                        + " cannot be the readiness descriptor: it must be below " + limit
                        + ", the limit of open files (RLIMIT_NOFILE)", null));
    }

    /** Returns a failure if a socket needs a descriptor with another use, or above the limit. */
    static Optional<StartResult> ofSockets(StartPlan plan, Readiness readiness) {
        SocketPlan sockets = plan.sockets();
        if (sockets == null) {
            return Optional.empty();
        }
        DaemonConfig config = plan.config();
        Optional<String> clash = sockets.descriptorConflict(config.kept(), readiness)
                .or(() -> sockets.descriptorShortage(config.posix().openMax()));
        return clash.isEmpty() ? Optional.empty() : Optional.of(plain(config, clash.get(), null));
    }

    /** Returns a failure if two files that must differ are one. */
    static Optional<StartResult> ofFiles(DaemonConfig config) {
        Optional<String> clash = DistinctFiles.of(config).clash(config.posix());
        return clash.isEmpty() ? Optional.empty() : Optional.of(plain(config, clash.get(), null));
    }

    /** Returns the result if a step has failed. */
    static Optional<StartResult> of(DaemonConfig config, StepReport report) {
        return report.outcome() instanceof StepOutcome.Failed failed
                ? Optional.of(failed(config, report.message(), failed.errno()))
                : Optional.empty();
    }

    /** Returns the result if the program has not been executed. */
    static Optional<StartResult> ofExecution(DaemonConfig config, Program program, StepReport report) {
        return report.outcome() instanceof StepOutcome.Failed failed
                ? Optional.of(ofProgram(config, program, report.message(), failed.errno()))
                : Optional.empty();
    }

    /**
     * Returns the result for a program that cannot be executed.
     *
     * @param message the call that failed
     * @param errno the errno of the call; null if no call failed
     */
    static StartResult.Failed ofProgram(DaemonConfig config, Program program, String message,
            @Nullable Errno errno) {
        if (errno == null) {
            return plain(config, message, null);
        }
        var file = new ProgramFile(program.path(), config.posix());
        return new StartResult.Failed(config.name(), file.explained(message, errno), errno,
                file.isMissing(errno), config.errorLog().toString(), List.of());
    }

    /**
     * Returns the result for a reason. If a default file cannot be used, the result names the choice of other
     * files.
     */
    public static StartResult.Failed failed(DaemonConfig config, String reason, @Nullable Errno errno) {
        return plain(config, reason + OtherFiles.advice(config), errno);
    }

    /** Returns the result for an exception of the start. */
    static StartResult.Failed failed(DaemonConfig config, Exception e) {
        Errno errno = switch (e) {
            case PosixException failed -> failed.errno();
            case FileRefusedException refused -> refused.errno();
            default -> null;
        };
        return failed(config, String.valueOf(e.getMessage()), errno);
    }

    /** Returns the result for a reason that does not concern the daemon's files. */
    private static StartResult.Failed plain(DaemonConfig config, String reason, @Nullable Errno errno) {
        return new StartResult.Failed(config.name(), reason, errno, false, config.errorLog().toString(),
                List.of());
    }
}
