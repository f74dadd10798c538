package io.github.daemonsteps.daemon;

import io.github.daemonsteps.posix.Errno;
import java.util.List;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** What came of a stop. */
public sealed interface StopResult extends Answer {

    /**
     * It has ended.
     *
     * @param name its name
     * @param pid the process it was
     * @param forced whether the stop signal was not enough, and it was ended by SIGKILL
     * @param others how many other processes of its group were signalled, and have ended
     * @param holder a process that it started, that lives on and that holds its lock, -1 if that process cannot be seen; empty
     *        if the lock is free. The pid file stays while the lock is held
     * @param warnings why the pid file could not be removed, if that is so
     */
    record Stopped(String name, int pid, boolean forced, int others, OptionalInt holder,
            List<String> warnings)
            implements
            StopResult {

        /** Copies the warnings. */
        public Stopped {
            warnings = List.copyOf(warnings);
        }

        @Override
        public int exitStatus() {
            return 0;
        }

        @Override
        public String message() {
            return name + ": stopped, pid " + pid
                    + (forced ? ", by SIGKILL: it did not end in time" : "")
                    + switch (others) {
                        case 0 -> "";
                        case 1 -> ", and 1 other process of its group";
                        default -> ", and " + others + " other processes of its group";
                    }
                    + (holder.isPresent()
                            ? "; " + holder(holder.getAsInt()) + " lives on, and holds the lock"
                            : "");
        }

        private static String holder(int pid) {
            return pid < 0
                    ? "a process that it started and that cannot be seen from here"
                    : "process " + pid + ", which it started,";
        }
    }

    /**
     * It was not running.
     *
     * @param name its name
     * @param warnings why a pid file that was left could not be removed, if that is so
     */
    record NotRunning(String name, List<String> warnings) implements StopResult {

        /** Copies the warnings. */
        public NotRunning {
            warnings = List.copyOf(warnings);
        }

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
     * It could not be stopped, or it cannot be told whether it runs, or a process of its group goes on. Nobody but the daemon
     * and its group was signalled.
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
