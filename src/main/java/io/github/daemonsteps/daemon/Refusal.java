package io.github.daemonsteps.daemon;

import io.github.daemonsteps.ChangeUser;
import io.github.daemonsteps.Outcome;
import io.github.daemonsteps.StepName;
import io.github.daemonsteps.StepReport;
import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.Errno;
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
                : Optional.of(failed(daemon, "only root can start it as another user, "
                        + Plain.of(user.toString()) + ", and this is user " + ThisJvm.user(), Errno.EPERM));
    }

    /** Of a readiness that does not go with the daemon. */
    static Optional<StartResult> ofReadiness(Daemon daemon, Readiness readiness) {
        return readiness instanceof Readiness.Newline newline && daemon.settings().kept.contains(newline.fd())
                ? Optional.of(failed(daemon,
                        "descriptor " + newline.fd() + " cannot be both kept and the one to be ready on",
                        null))
                : Optional.empty();
    }

    /** Of files that must not be one. */
    static Optional<StartResult> ofFiles(Daemon daemon) {
        return DistinctFiles.of(daemon).clash(daemon.settings().posix.get())
                .map(clash -> failed(daemon, clash, null));
    }

    /** Of a step that has failed. */
    static Optional<StartResult> of(Daemon daemon, StepReport report) {
        if (report.outcome() instanceof Outcome.Failed failed) {
            boolean programMissing = report.step() == StepName.EXEC && Errno.ENOENT.equals(failed.errno());
            return Optional.of(new StartResult.Failed(daemon.name(), report.message(), failed.errno(),
                    programMissing, daemon.errorLog().toString(), List.of()));
        }
        return Optional.empty();
    }

    static StartResult.Failed failed(Daemon daemon, String reason, @Nullable Errno errno) {
        return new StartResult.Failed(daemon.name(), reason, errno, false, daemon.errorLog().toString(),
                List.of());
    }
}
