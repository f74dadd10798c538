package io.github.daemonsteps.daemon;

import io.github.daemonsteps.posix.Errno;
import org.jspecify.annotations.Nullable;

/** The exit statuses of a command for its results; see the Linux Standard Base 5.0, "Init Script Actions". */
public final class ExitStatus {

    /** The exit status of a usage error. */
    public static final int USAGE = 2;

    /** The exit status of {@code status} if the state cannot be determined. */
    public static final int UNKNOWN = 4;

    private static final int FAILURE = 1;
    private static final int NO_PERMISSION = 4;
    private static final int NOT_INSTALLED = 5;
    private static final int NOT_RUNNING = 7;

    private static final int DEAD = 1;
    private static final int STOPPED = 3;

    private ExitStatus() {
    }

    /**
     * Returns the exit status for a result.
     *
     * @param result the result
     * @return the exit status
     */
    public static int of(LifecycleResult result) {
        return switch (result) {
            case Status status -> of(status.state());
            case StartResult.Started _ -> 0;
            case StartResult.AlreadyRunning already -> already.exclusive() ? FAILURE : 0;
            case StartResult.Failed failed ->
                failed.programMissing() ? NOT_INSTALLED : ofFailure(failed.errno());
            case StopResult.Stopped _,StopResult.NotRunning _ -> 0;
            case StopResult.Failed failed -> ofFailure(failed.errno());
            case RestartResult.Restarted restarted -> of(restarted.started());
            case RestartResult.NotStopped notStopped -> of(notStopped.why());
            case RestartResult.Refused refused -> of(refused.why());
            case ReloadResult.Signalled _ -> 0;
            case ReloadResult.NotRunning _ -> NOT_RUNNING;
            case ReloadResult.Ended _ -> FAILURE;
            case ReloadResult.Failed refused -> ofFailure(refused.errno());
        };
    }

    private static int of(Status.State state) {
        return switch (state) {
            case Status.State.Running _ -> 0;
            case Status.State.Dead _ -> DEAD;
            case Status.State.NotRunning _,Status.State.Starting _ -> STOPPED;
            case Status.State.LockInherited _,Status.State.LockedByOther _,Status.State.Unknown _ -> UNKNOWN;
        };
    }

    /**
     * Returns the exit status for a failure: 4 if a permission is missing, else 1.
     *
     * @param errno the errno of the call that failed; null if no call failed
     * @return the exit status
     */
    public static int ofFailure(@Nullable Errno errno) {
        return Errno.EACCES.equals(errno) || Errno.EPERM.equals(errno) ? NO_PERMISSION : FAILURE;
    }

    /**
     * Returns whether a result belongs on standard error. A {@link Status} is never an error.
     *
     * @param result the result
     * @return whether the result is an error
     */
    public static boolean isError(LifecycleResult result) {
        return !(result instanceof Status) && of(result) != 0;
    }
}
