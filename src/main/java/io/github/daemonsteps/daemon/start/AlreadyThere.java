package io.github.daemonsteps.daemon.start;

import io.github.daemonsteps.daemon.StartResult;
import io.github.daemonsteps.daemon.Status;
import io.github.daemonsteps.daemon.Status.State;
import io.github.daemonsteps.daemon.config.DaemonConfig;
import io.github.daemonsteps.daemon.control.DaemonController;
import io.github.daemonsteps.daemon.files.FileRefusedException;
import io.github.daemonsteps.daemon.pidfile.DaemonRecord;
import io.github.daemonsteps.daemon.pidfile.PidFile;
import io.github.daemonsteps.daemon.pidfile.PidFileInUseException;
import io.github.daemonsteps.ffm.NativePosix;
import io.github.daemonsteps.process.Program;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The results of a start or a restart that ends because a daemon runs already, or because this is unknown.
 */
public final class AlreadyThere {

    /** A function that acquires a pid file. */
    public interface Acquisition {
        void run() throws FileRefusedException;
    }

    private AlreadyThere() {
    }

    /**
     * Acquires the pid file. If the lock is held, and was released before its holder could be named, tries
     * again.
     *
     * @return the result if the daemon runs already, or if the state is unknown; empty if the file was
     *        acquired
     * @throws FileRefusedException if the file cannot be acquired for another reason than its lock
     */
    public static Optional<StartResult> orAcquired(DaemonConfig config, Program program,
            Acquisition acquisition)
            throws FileRefusedException {
        String held = "";
        for (int i = 0; i < PidFile.MAX_ATTEMPTS; i++) {
            try {
                acquisition.run();
                return Optional.empty();
            } catch (FileRefusedException e) {
                if (!(e instanceof PidFileInUseException)) {
                    throw e;
                }
                StartResult there = of(config, program);
                if (there != null) {
                    return Optional.of(there);
                }
                held = e.getMessage();
            }
        }
        return Optional
                .of(Preflight.failed(config, held + " by a hidden process", null));
    }

    /**
     * Returns the result if the daemon runs already, or if the state is unknown.
     *
     * @param program the program to start
     * @return the result; null if the start may continue
     */
    public static @Nullable StartResult of(DaemonConfig config, Program program) {
        Status status = new DaemonController(config).look();
        return switch (status.state()) {
            case State.Running running -> running(config, program, running.pid());
            // The command is compared when that start has ended.
            case State.Starting starting ->
                new StartResult.AlreadyRunning(config.name(), starting.pid(), true, config.exclusive());
            case State.Dead _,State.NotRunning _ -> null;
            case State.LockInherited _,State.LockedByOther _,State.Unknown _ ->
                refusal(config, status).orElse(null);
        };
    }

    /** Returns the result of a start if the daemon runs already. */
    static StartResult running(DaemonConfig config, Program program, int pid) {
        return otherCommand(config, program, pid)
                .<StartResult>map(other -> Preflight.failed(config, other, null))
                .orElseGet(() -> new StartResult.AlreadyRunning(config.name(), pid, false,
                        config.exclusive()));
    }

    /**
     * Returns why a restart must not continue. A running daemon is not a reason, unless its command differs.
     *
     * @param program the program to start; null if it is not known
     * @return the failure; empty if none is found
     */
    static Optional<StartResult> refusal(DaemonConfig config, @Nullable Program program) {
        Status status = new DaemonController(config).look();
        Optional<String> other = switch (status.state()) {
            case State.Running running -> otherCommand(config, program, running.pid());
            case State.Starting starting -> otherCommand(config, program, starting.pid());
            default -> Optional.empty();
        };
        return other.<StartResult>map(it -> Preflight.failed(config, it, null))
                .or(() -> refusal(config, status));
    }

    private static Optional<StartResult> refusal(DaemonConfig config, Status status) {
        return switch (status.state()) {
            case State.LockInherited _,State.LockedByOther _ ->
                Optional.of(Preflight.failed(config, status.text(), null));
            case State.Unknown unknown ->
                Optional.of(Preflight.failed(config, unknown.why(), unknown.errno()));
            case State.Running _,State.Starting _,State.Dead _,State.NotRunning _ ->
                Optional.empty();
        };
    }

    /** Returns why the running command is another one; empty if it is the same, or may differ. */
    private static Optional<String> otherCommand(DaemonConfig config, @Nullable Program program, int pid) {
        if (!config.sameCommand() || program == null) {
            return Optional.empty();
        }
        NativePosix posix = config.posix();
        Optional<DaemonRecord> running;
        try {
            running = new PidFile(config.pidFile()).recordOf(pid, posix);
        } catch (FileRefusedException e) {
            return Optional.of(e.getMessage());
        }
        String what = running.map(it -> difference(it, program)).orElse("which is unknown");
        return what.isEmpty()
                ? Optional.empty()
                : Optional.of("pid file " + config.pidFile().quoted()
                        + ": process " + pid + " runs another command, " + what
                        + "; choose another name with --name");
    }

    /** Returns the running program if its command differs from the given one; else an empty text. */
    private static String difference(DaemonRecord running, Program program) {
        if (running.isOf(program)) {
            return "";
        }
        return running.program().equals(program.path().quoted())
                ? running.program() + " with other arguments"
                : running.program();
    }
}
