package io.github.daemonsteps.daemon;

import io.github.daemonsteps.posix.Errno;
import org.jspecify.annotations.Nullable;

/** What came of a stop. */
public sealed interface StopResult extends Answer {

    /**
     * It has ended.
     *
     * @param name its name
     * @param pid the process it was
     * @param forced whether SIGTERM was not enough, and it was ended by SIGKILL
     * @param leftBehind whether a process that it has started lives on and holds its lock
     */
    record Stopped(String name, int pid, boolean forced, boolean leftBehind) implements StopResult {
        @Override
        public int exitStatus() {
            return 0;
        }

        @Override
        public String message() {
            return name + ": stopped, pid " + pid
                    + (forced ? ", by SIGKILL: it did not end in time after SIGTERM" : "")
                    + (leftBehind ? "; a process that it started lives on, and holds the lock" : "");
        }
    }

    /**
     * It was not running.
     *
     * @param name its name
     */
    record NotRunning(String name) implements StopResult {
        @Override
        public int exitStatus() {
            return 0;
        }

        @Override
        public String message() {
            return name + ": not running";
        }
    }

    /**
     * It could not be stopped, or it cannot be told whether it runs. Nobody but the daemon was signalled.
     *
     * @param name its name
     * @param reason why, in one line
     * @param errno the errno of the call that failed, or null if none did
     */
    record Failed(String name, String reason, @Nullable Errno errno) implements StopResult {
        @Override
        public int exitStatus() {
            return Answer.failure(errno);
        }

        @Override
        public String message() {
            return name + ": not stopped: " + reason;
        }

        @Override
        public boolean isError() {
            return true;
        }
    }
}
