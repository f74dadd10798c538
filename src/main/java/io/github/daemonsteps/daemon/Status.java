package io.github.daemonsteps.daemon;

import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.Errno;
import io.github.daemonsteps.text.Json;
import io.github.daemonsteps.text.TerminalSafe;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Whether a daemon runs. The lock of its pid file decides; the number in the file only informs.
 *
 * @param name the daemon's name
 * @param state whether it runs
 * @param pidFile the path of its pid file
 * @param log where it writes to; null if this user may not know
 * @param isLogRemoved whether that file was removed or replaced since the daemon opened it
 */
public record Status(String name, State state, CString pidFile, @Nullable CString log, boolean isLogRemoved)
        implements
        LifecycleResult {

    /** What is known of it. */
    public sealed interface State {

        /**
         * It runs: the process that the pid file names has taken the file's lock, and holds it.
         *
         * @param pid its process
         * @param since when that process was started, to the second; null if this user may not know
         */
        record Running(int pid, @Nullable Instant since) implements State {}

        /**
         * It is being started, and has not become ready yet: its session leader still waits for that.
         *
         * @param pid its process
         */
        record Starting(int pid) implements State {}

        /** It has ended, and its pid file is still there. Nobody holds the lock: a new one can be started. */
        record Dead() implements State {}

        /** There is no pid file. */
        record NotRunning() implements State {}

        /**
         * It has ended, but a process that has it from the daemon holds its lock.
         *
         * @param holder such a process; null if none can be seen, and then it may be the daemon itself, in another pid
         *        namespace
         */
        record LockInherited(@Nullable Integer holder) implements State {}

        /**
         * Somebody holds the lock who is not the daemon.
         *
         * @param pid the process that has taken it
         */
        record LockedByOther(int pid) implements State {}

        /**
         * It cannot be told.
         *
         * @param why one line
         * @param errno the errno of the call that failed, or null if none did
         */
        record Unknown(String why, @Nullable Errno errno) implements State {}
    }

    @Override
    public String message() {
        return name + ": " + text();
    }

    /** The message without the name. */
    public String text() {
        String file = TerminalSafe.of(pidFile.toString());
        return switch (state) {
            case State.Running running -> "running, pid " + running.pid()
                    + (running.since() == null ? "" : ", since " + running.since()) + ", pid file " + file
                    + (log == null ? "" : ", log " + TerminalSafe.of(log.toString()))
                    + (isLogRemoved ? ", which was removed or replaced" : "");
            case State.Starting starting -> "starting, pid " + starting.pid();
            case State.Dead _ -> "dead, and its pid file is still there: " + file;
            case State.NotRunning _ -> notRunning(pidFile);
            case State.LockInherited left -> left.holder() == null
                    ? "a process that cannot be seen from here holds the lock of " + file
                    : "the daemon has ended, but process " + left.holder() + " holds the lock of " + file
                            + ", inherited from the daemon: end that process";
            case State.LockedByOther other -> "the lock of " + file + " is held by process " + other.pid()
                    + ", which is not the daemon";
            case State.Unknown unknown -> "unknown: " + unknown.why();
        };
    }

    /** Returns a text that names the pid file: its default depends on the user and the environment. */
    static String notRunning(CString pidFile) {
        return "not running, pid file " + TerminalSafe.of(pidFile.toString());
    }

    /**
     * The same for programs: an object of {@code name}, {@code status} (one of {@code running}, {@code starting},
     * {@code dead}, {@code not running}, {@code unknown}), {@code pid} (or null), {@code since} (ISO 8601, or
     * null), {@code pidFile}, {@code log} (or null), {@code logRemoved} (whether the file was removed or replaced since the
     * daemon opened it) and {@code reason} (a line if the status is unknown, or null).
     */
    public String json() {
        String word = "unknown";
        String pid = "null";
        String since = "null";
        String reason = "null";
        switch (state) {
            case State.Running running -> {
                word = "running";
                pid = Integer.toString(running.pid());
                since = Json.string(running.since() == null ? null : running.since().toString());
            }
            case State.Starting starting -> {
                word = "starting";
                pid = Integer.toString(starting.pid());
            }
            case State.Dead _ -> word = "dead";
            case State.NotRunning _ -> word = "not running";
            case State.LockInherited _,State.LockedByOther _ -> reason = Json.string(text());
            case State.Unknown unknown -> reason = Json.string(unknown.why());
        }
        return Json.object("name", Json.string(name), "status", Json.string(word), "pid", pid, "since", since,
                "pidFile", Json.string(pidFile.toString()), "log",
                Json.string(log == null ? null : log.toString()), "logRemoved",
                Boolean.toString(isLogRemoved),
                "reason", reason);
    }
}
