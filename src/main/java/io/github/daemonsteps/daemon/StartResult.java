package io.github.daemonsteps.daemon;

import io.github.daemonsteps.posix.Errno;
import io.github.daemonsteps.text.TerminalSafe;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The result of a start. */
public sealed interface StartResult extends LifecycleResult {

    /**
     * The daemon has been started, and is ready.
     *
     * @param name the daemon's name
     * @param pid the daemon's process
     * @param text the daemon's message when it became ready; empty if it has none
     * @param warnings one line each: about the systemd unit that may end the daemon, or about a relative path
     *        in an argument that does not exist in the daemon's directory
     */
    record Started(String name, int pid, String text, List<String> warnings) implements StartResult {

        /** Keeps an unmodifiable copy of the lines. */
        public Started {
            warnings = List.copyOf(warnings);
        }

        @Override
        public String message() {
            return name + ": started, pid " + pid + (text.isEmpty() ? "" : ": " + text);
        }
    }

    /**
     * The daemon runs already, or is being started, and stays.
     *
     * @param name the daemon's name
     * @param pid the daemon's process
     * @param starting whether the daemon is still being started
     * @param exclusive whether the result counts as a failure, see {@link Daemon#failIfRunning}
     */
    record AlreadyRunning(String name, int pid, boolean starting, boolean exclusive) implements StartResult {
        @Override
        public String message() {
            return name + ": " + (starting ? "is being started already, pid " : "runs already, pid ") + pid;
        }
    }

    /**
     * The daemon could not be started. Neither its process nor its pid file remains, nor the processes that
     * it has started in its process group.
     *
     * @param name the daemon's name
     * @param reason the reason, in one line
     * @param errno the errno of the call that failed, or null if no call failed
     * @param programMissing whether the program does not exist
     * @param log the path of the log
     * @param logTail the last lines that the daemon has written to its log
     */
    record Failed(String name, String reason, @Nullable Errno errno, boolean programMissing, String log,
            List<String> logTail) implements StartResult {

        /** Keeps an unmodifiable copy of the lines. */
        public Failed {
            logTail = List.copyOf(logTail);
        }

        @Override
        public String message() {
            return name + ": not started: " + reason;
        }

        @Override
        public List<String> details() {
            if (logTail.isEmpty()) {
                return List.of();
            }
            List<String> lines = new ArrayList<>(List.of("the end of " + TerminalSafe.of(log) + ":"));
            logTail.forEach(line -> lines.add("  " + line));
            return lines;
        }
    }
}
