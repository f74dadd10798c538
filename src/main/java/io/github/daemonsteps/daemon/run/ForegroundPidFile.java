package io.github.daemonsteps.daemon.run;

import io.github.daemonsteps.daemon.StartResult;
import io.github.daemonsteps.daemon.config.DaemonConfig;
import io.github.daemonsteps.daemon.files.FileRefusedException;
import io.github.daemonsteps.daemon.pidfile.DaemonRecord;
import io.github.daemonsteps.daemon.pidfile.PidFile;
import io.github.daemonsteps.daemon.pidfile.PidFileLocker;
import io.github.daemonsteps.daemon.pidfile.PidFileRemover;
import io.github.daemonsteps.daemon.start.AlreadyThere;
import io.github.daemonsteps.daemon.start.CurrentJvm;
import io.github.daemonsteps.daemon.start.Preflight;
import io.github.daemonsteps.ffm.NativePosix;
import io.github.daemonsteps.posix.Errno;
import io.github.daemonsteps.posix.PosixException;
import io.github.daemonsteps.process.Program;
import io.github.daemonsteps.procfs.ProcMount;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The pid file of an application that runs in the foreground. The application acquires the file as a daemon
 * does, so that the two never run side by side. {@code status}, {@code stop} and {@code reload} find both.
 * This process itself holds the lock until its exit.
 */
final class ForegroundPidFile {

    private static final String HINT = "; run --no-pid-file does without a pid file";

    private ForegroundPidFile() {
    }

    /**
     * Acquires the pid file.
     *
     * @return the failure, also if a daemon runs already; empty if this process has acquired the file
     */
    static Optional<StartResult> take(DaemonConfig given) {
        DaemonConfig.Draft draft = given.draft();
        draft.exclusive = true;
        DaemonConfig config = draft.config();
        NativePosix posix = config.posix();
        Optional<String> foreign = ProcMount.reason();
        if (foreign.isPresent()) {
            return Optional.of(failed(config, foreign.get()));
        }
        try {
            config.makeDefaultDirectories(posix);
            return take(config, posix);
        } catch (PosixException e) {
            return Optional.of(withHint(config, e.getMessage(), e.errno()));
        } catch (FileRefusedException e) {
            return Optional.of(withHint(config, e.getMessage(), e.errno()));
        }
    }

    private static Optional<StartResult> take(DaemonConfig config, NativePosix posix) {
        var pidFile = new PidFile(config.pidFile());
        Program program = CurrentJvm.program(posix);
        Optional<StartResult> there = Optional.ofNullable(AlreadyThere.of(config, program));
        try {
            if (there.isEmpty()) {
                there = AlreadyThere.orAcquired(config, program, () -> take(pidFile, program, posix));
            }
        } catch (FileRefusedException e) {
            return Optional.of(withHint(config, e.getMessage(), e.errno()));
        }
        return there.map(result -> result instanceof StartResult.Failed failed && failed.errno() != null
                ? withHint(config, failed.reason(), failed.errno())
                : result);
    }

    private static void take(PidFile pidFile, Program program, NativePosix posix)
            throws FileRefusedException {
        var locker = new PidFileLocker(pidFile, posix);
        boolean isTaken = false;
        try {
            locker.write(locker.lock(), posix.getpid(), DaemonRecord.Mode.FOREGROUND, program);
            isTaken = true;
        } finally {
            if (!isTaken && locker.hasCreated()) {
                new PidFileRemover(pidFile, posix).removeOf(posix.getpid(), locker.opened(), true);
            }
        }
    }

    private static StartResult withHint(DaemonConfig config, String reason, @Nullable Errno errno) {
        return Preflight.failed(config, reason + HINT, errno);
    }

    private static StartResult failed(DaemonConfig config, String reason) {
        return Preflight.failed(config, reason, null);
    }
}
