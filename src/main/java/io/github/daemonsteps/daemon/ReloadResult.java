package io.github.daemonsteps.daemon;

import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.Errno;
import io.github.daemonsteps.posix.Signal;
import org.jspecify.annotations.Nullable;

/** What came of a reload. */
public sealed interface ReloadResult extends LifecycleResult {

    /**
     * It has been sent its reload signal, and runs on.
     *
     * @param name its name
     * @param pid its process
     */
    record Signalled(String name, int pid) implements ReloadResult {
        @Override
        public String message() {
            return name + ": asked to reload, pid " + pid;
        }
    }

    /**
     * It is not running.
     *
     * @param name its name
     * @param pidFile the path of its pid file
     */
    record NotRunning(String name, CString pidFile) implements ReloadResult {
        @Override
        public String message() {
            return name + ": " + Status.notRunning(pidFile);
        }
    }

    /**
     * It caught its reload signal, and ended.
     *
     * @param name its name
     * @param pid the process it was
     * @param signal what it was sent
     */
    record Ended(String name, int pid, Signal signal) implements ReloadResult {
        @Override
        public String message() {
            return name + ": not reloaded: process " + pid + " was sent " + signal + ", and ended";
        }
    }

    /**
     * It was not sent its reload signal.
     *
     * @param name its name
     * @param reason why, in one line
     * @param errno the errno of the call that failed, or null if none did
     */
    record Failed(String name, String reason, @Nullable Errno errno) implements ReloadResult {
        @Override
        public String message() {
            return name + ": not reloaded: " + reason;
        }
    }
}
