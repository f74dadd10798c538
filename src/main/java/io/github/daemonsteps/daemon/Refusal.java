package io.github.daemonsteps.daemon;

import io.github.daemonsteps.ChangeUser;
import io.github.daemonsteps.Outcome;
import io.github.daemonsteps.Program;
import io.github.daemonsteps.ProgramFile;
import io.github.daemonsteps.StepReport;
import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.Errno;
import io.github.daemonsteps.posix.PosixException;
import io.github.daemonsteps.posix.Privileges.Resource;
import io.github.daemonsteps.text.Plain;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Why a daemon cannot be started. {@link Rehearsal} finds all that can be told before it is. */
final class Refusal {

    private Refusal() {
    }

    /** What can be told of this process alone. */
    static Optional<StartResult> atOnce(Daemon daemon) {
        return here(daemon).or(() -> ofUser(daemon));
    }

    /** Why no daemon at all can be started from this JVM. */
    private static Optional<StartResult> here(Daemon daemon) {
        Optional<String> why = ProcessHandle.current().pid() == 1
                ? Optional
                        .of("this is process 1 of its pid namespace, and no daemon would outlive it: use run")
                : ForeignProc.reason();
        return why.map(reason -> new StartResult.Failed(daemon.name(), reason, null, false, "", List.of()));
    }

    private static Optional<StartResult> ofUser(Daemon daemon) {
        CString user = daemon.settings().user;
        return user == null || ChangeUser.isPermitted()
                ? Optional.empty()
                : Optional.of(plain(daemon, "a start as another user, " + Plain.of(user.toString())
                        + ", needs CAP_SETUID and CAP_SETGID, which root has by default: user "
                        + ThisJvm.user() + " does not have both here", Errno.EPERM));
    }

    /** Of a readiness that does not go with the daemon, or with the limits of this process. */
    static Optional<StartResult> ofReadiness(Daemon daemon, Readiness readiness) {
        if (!(readiness instanceof Readiness.Newline newline)) {
            return Optional.empty();
        }
        int fd = newline.fd();
        if (daemon.settings().kept.contains(fd)) {
            return Optional.of(plain(daemon,
                    "descriptor " + fd + " cannot be both kept and the one to be ready on", null));
        }
        long limit;
        try {
            limit = daemon.settings().posix.get().getrlimit(Resource.RLIMIT_NOFILE).soft();
        } catch (PosixException failed) {
            return Optional.of(plain(daemon, failed.getMessage(), failed.errno()));
        }
        return Long.compareUnsigned(fd, limit) < 0 // RLIM_INFINITY has all bits
                ? Optional.empty()
                : Optional.of(plain(daemon, "descriptor " + fd
                        + " cannot be the one to be ready on: it must be below " + limit
                        + ", the limit of open files (RLIMIT_NOFILE)", null));
    }

    /** Of files that must not be one. */
    static Optional<StartResult> ofFiles(Daemon daemon) {
        return DistinctFiles.of(daemon).clash(daemon.settings().posix.get())
                .map(clash -> plain(daemon, clash, null));
    }

    /** Returns the result if a step has failed. */
    static Optional<StartResult> of(Daemon daemon, StepReport report) {
        return report.outcome() instanceof Outcome.Failed failed
                ? Optional.of(failed(daemon, report.message(), failed.errno()))
                : Optional.empty();
    }

    /** Returns the result if the program has not been executed. */
    static Optional<StartResult> ofExecution(Daemon daemon, Program program, StepReport report) {
        return report.outcome() instanceof Outcome.Failed failed
                ? Optional.of(ofProgram(daemon, program, report.message(), failed.errno()))
                : Optional.empty();
    }

    /**
     * Returns the result for a program that cannot be executed.
     *
     * @param message the call that failed
     * @param errno its errno; null if there is none
     */
    static StartResult.Failed ofProgram(Daemon daemon, Program program, String message,
            @Nullable Errno errno) {
        if (errno == null) {
            return plain(daemon, message, null);
        }
        var file = new ProgramFile(program.path(), daemon.settings().posix.get());
        return new StartResult.Failed(daemon.name(), file.explained(message, errno), errno,
                file.isMissing(errno), daemon.errorLog().toString(), List.of());
    }

    /** Returns the result for a reason, and names the choice of other files if a default file is in the way. */
    static StartResult.Failed failed(Daemon daemon, String reason, @Nullable Errno errno) {
        return plain(daemon, reason + OtherFiles.advice(daemon), errno);
    }

    /** Returns the result for a reason that has nothing to do with the daemon's files. */
    private static StartResult.Failed plain(Daemon daemon, String reason, @Nullable Errno errno) {
        return new StartResult.Failed(daemon.name(), reason, errno, false, daemon.errorLog().toString(),
                List.of());
    }
}
