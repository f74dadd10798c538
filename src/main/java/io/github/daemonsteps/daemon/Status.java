package io.github.daemonsteps.daemon;

import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.Errno;
import io.github.daemonsteps.text.Json;
import io.github.daemonsteps.text.TerminalSafe;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The state of a daemon. The lock of its pid file is authoritative; the number in the file is only a hint.
 *
 * @param name the daemon's name
 * @param state the state
 * @param pidFile the path of the pid file
 * @param log the path of the log; null if this user may not know it
 * @param isLogRemoved whether the log was removed or replaced since the daemon opened it
 */
public record Status(String name, State state, CString pidFile, @Nullable CString log, boolean isLogRemoved)
        implements
        LifecycleResult {

    /** The states of a daemon. */
    public sealed interface State {

        /**
         * The daemon runs: the process that the pid file names has acquired the file's lock, and holds it.
         *
         * @param pid the daemon's process
         * @param since when that process was started, to the second; null if this user may not know
         */
        record Running(int pid, @Nullable Instant since) implements State {}

        /**
         * The daemon is being started, and is not ready yet: its session leader still waits for the
         * readiness.
         *
         * @param pid the daemon's process
         */
        record Starting(int pid) implements State {}

        /**
         * The daemon has exited, and its pid file is still there. The lock is free, so a new daemon can be
         * started.
         */
        record Dead() implements State {}

        /** The pid file does not exist. */
        record NotRunning() implements State {}

        /**
         * The daemon has exited, but a process that inherited its lock still holds the lock.
         *
         * @param holder such a process; null if it cannot be seen: the holder may then be the daemon itself,
         *        in another pid namespace
         */
        record LockInherited(@Nullable Integer holder) implements State {}

        /**
         * A process that is not the daemon holds the lock.
         *
         * @param pid the process that has acquired the lock
         */
        record LockedByOther(int pid) implements State {}

        /**
         * The state cannot be determined.
         *
         * @param why the reason, in one line
         * @param errno the errno of the call that failed, or null if no call failed
         */
        record Unknown(String why, @Nullable Errno errno) implements State {}
    }

    @Override
    public String message() {
        return name + ": " + text();
    }

    /** Returns the message without the name. */
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
                    ? "a hidden process holds the lock of " + file
                    : "the daemon has ended, but process " + left.holder() + " holds the lock of " + file
                            + ", inherited from the daemon: end that process";
            case State.LockedByOther other -> "the lock of " + file + " is held by process " + other.pid()
                    + ", which is not the daemon";
            case State.Unknown unknown -> "unknown: " + unknown.why();
        };
    }

    /**
     * Returns a text that names the pid file, since the default path depends on the user and the environment.
     */
    static String notRunning(CString pidFile) {
        return "not running, pid file " + TerminalSafe.of(pidFile.toString());
    }

    /**
     * Returns the status for programs, as a JSON object. Its members are {@code name}, {@code status} (one of
     * {@code running}, {@code starting}, {@code dead}, {@code not running}, {@code unknown}), {@code pid} (or
     * null), {@code since} (ISO 8601, or null), {@code pidFile}, {@code log} (or null), {@code logRemoved}
     * (whether the log was removed or replaced since the daemon opened it) and {@code reason} (a line if the
     * status is unknown, or null).
     *
     * @return the text of the object
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
