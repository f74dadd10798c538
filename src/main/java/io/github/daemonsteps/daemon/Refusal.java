package io.github.daemonsteps.daemon;

import io.github.daemonsteps.ChangeUser;
import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.Errno;
import io.github.daemonsteps.posix.NativePosix;
import io.github.daemonsteps.text.Plain;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Why a daemon cannot be started, as far as that can be told before anything is done. */
final class Refusal {

    private Refusal() {
    }

    /** All that can be told: whoever is about to stop one to start another asks this first. */
    static Optional<StartResult> of(Daemon daemon) {
        return atOnce(daemon).or(() -> ofLogs(daemon));
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

    private static Optional<StartResult> ofLogs(Daemon daemon) {
        NativePosix posix = daemon.settings().posix.get();
        try {
            StartPlan plan = StartPlan.of(daemon);
            plan.log().checkUnopened(posix);
            plan.errorLog().checkUnopened(posix);
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

    static StartResult.Failed failed(Daemon daemon, String reason, @Nullable Errno errno) {
        return new StartResult.Failed(daemon.name(), reason, errno, false, daemon.errorLog().toString(),
                List.of());
    }
}
