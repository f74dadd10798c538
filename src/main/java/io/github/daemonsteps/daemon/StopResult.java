package io.github.daemonsteps.daemon;

import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.Errno;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The result of a stop. */
public sealed interface StopResult extends LifecycleResult {

    /**
     * The daemon has exited. The pid file stays while a process holds the lock.
     *
     * @param name the daemon's name
     * @param pid the daemon's process
     * @param killed whether SIGKILL ended the daemon, since the stop signal did not suffice
     * @param others the number of other processes of its group that were signalled and have exited
     * @param lockStillHeld whether a living process that the daemon started holds the lock. The pid file
     *        stays then
     * @param lockHolder that process; null if it cannot be seen, or if the lock is free
     * @param warnings why the pid file could not be removed; empty if the file was removed
     */
    record Stopped(String name, int pid, boolean killed, int others, boolean lockStillHeld,
            @Nullable Integer lockHolder,
            List<String> warnings)
            implements
            StopResult {

        /** Copies the warnings. */
        public Stopped {
            warnings = List.copyOf(warnings);
        }

        @Override
        public String message() {
            return name + ": stopped, pid " + pid
                    + switch (others) {
                        case 0 -> "";
                        case 1 -> ", and 1 other process of its group";
                        default -> ", and " + others + " other processes of its group";
                    }
                    + (killed ? ", by SIGKILL after the timeout" : "")
                    + (lockStillHeld
                            ? "; " + text(lockHolder) + " still runs and holds the lock"
                            : "");
        }

        private static String text(@Nullable Integer pid) {
            return pid == null
                    ? "a hidden process, started by the daemon,"
                    : "process " + pid + ", started by the daemon,";
        }
    }

    /**
     * The daemon was not running.
     *
     * @param name the daemon's name
     * @param pidFile the path of the pid file
     * @param warnings why a stale pid file could not be removed; empty if the file was removed or did not
     *        exist
     */
    record NotRunning(String name, CString pidFile, List<String> warnings) implements StopResult {

        /** Copies the warnings. */
        public NotRunning {
            warnings = List.copyOf(warnings);
        }

        @Override
        public String message() {
            return name + ": " + Status.notRunning(pidFile);
        }
    }

    /**
     * The daemon could not be stopped, or its state is unknown, or a process of its group has not exited. No
     * process outside of the daemon's group was signalled.
     *
     * @param name the daemon's name
     * @param reason the reason, in one line
     * @param errno the errno of the call that failed, or null if no call failed
     */
    record Failed(String name, String reason, @Nullable Errno errno) implements StopResult {
        @Override
        public String message() {
            return name + ": not stopped: " + reason;
        }
    }
}
