package io.github.daemonsteps.daemon;

import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.Errno;
import io.github.daemonsteps.posix.Signal;
import org.jspecify.annotations.Nullable;

/** The result of a reload. */
public sealed interface ReloadResult extends LifecycleResult {

    /**
     * The daemon got its reload signal, and runs on.
     *
     * @param name the daemon's name
     * @param pid the daemon's process
     */
    record Signalled(String name, int pid) implements ReloadResult {
        @Override
        public String message() {
            return name + ": asked to reload, pid " + pid;
        }
    }

    /**
     * The daemon is not running.
     *
     * @param name the daemon's name
     * @param pidFile the path of the pid file
     */
    record NotRunning(String name, CString pidFile) implements ReloadResult {
        @Override
        public String message() {
            return name + ": " + Status.notRunning(pidFile);
        }
    }

    /**
     * The daemon caught its reload signal, and exited.
     *
     * @param name the daemon's name
     * @param pid the process that has exited
     * @param signal the signal that the process got
     */
    record Ended(String name, int pid, Signal signal) implements ReloadResult {
        @Override
        public String message() {
            return name + ": not reloaded: process " + pid + " exited after " + signal;
        }
    }

    /**
     * The daemon did not get its reload signal.
     *
     * @param name the daemon's name
     * @param reason the reason, in one line
     * @param errno the errno of the call that failed, or null if no call failed
     */
    record Failed(String name, String reason, @Nullable Errno errno) implements ReloadResult {
        @Override
        public String message() {
            return name + ": not reloaded: " + reason;
        }
    }
}
