package io.github.daemonsteps.daemon;

import io.github.daemonsteps.posix.Errno;
import io.github.daemonsteps.text.TerminalSafe;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What came of a start. */
public sealed interface StartResult extends LifecycleResult {

    /**
     * It has been started, and is ready.
     *
     * @param name its name
     * @param pid its process
     * @param text what it said when it was ready; empty if it said nothing
     * @param warnings one line each: about the systemd unit that may end the daemon, or about an argument whose relative
     *        path does not exist in the daemon's directory
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
     * One runs already, or is being started, and that one stays.
     *
     * @param name its name
     * @param pid its process
     * @param starting whether it is only being started
     * @param exclusive whether that counts as a failure, see {@link Daemon#failIfRunning}
     */
    record AlreadyRunning(String name, int pid, boolean starting, boolean exclusive) implements StartResult {
        @Override
        public String message() {
            return name + ": " + (starting ? "is being started already, pid " : "runs already, pid ") + pid;
        }
    }

    /**
     * It could not be started. Neither its process nor its pid file is left, nor what it has started in its process
     * group.
     *
     * @param name its name
     * @param reason why, in one line
     * @param errno the errno of the call that failed, or null if none did
     * @param programMissing whether it is the program that is not there
     * @param log the path of its log
     * @param logTail the last lines that it has written to its log
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
