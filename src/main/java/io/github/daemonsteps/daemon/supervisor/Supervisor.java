package io.github.daemonsteps.daemon.supervisor;

import io.github.daemonsteps.process.SupervisorVariables;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The starter of this process, if that is a supervisor or a container engine.
 *
 * <p>Only evidence that concerns this process itself counts. Most variables of a supervisor are inherited: a
 * terminal on a desktop has those of the desktop's services, and a job of a build server has those of the
 * server. The parent is not evidence either: process 1 is also the parent of each daemon.
 */
public enum Supervisor {

    SYSTEMD("systemd started this process"),
    SUPERVISORD("supervisord started this process"),
    /** Another program with the protocol of systemd. */
    OTHER("a supervisor started this process"),
    /** A container engine, or another program that has made a pid namespace. */
    CONTAINER("this is process 1 of its pid namespace");

    private final String reason;

    Supervisor(String reason) {
        this.reason = reason;
    }

    /** Returns why an application runs in the foreground, for people. */
    public String reason() {
        return reason;
    }

    /** Returns the supervisor of this process; empty if none is known. */
    public static Optional<Supervisor> ofThisProcess() {
        return of(System.getenv(), OwnProcess.current());
    }

    /**
     * Returns the supervisor that the variables and the facts of a process show. See systemd.exec(5),
     * sd_notify(3) and sd_listen_fds(3).
     */
    static Optional<Supervisor> of(Map<String, String> variables, OwnProcess process) {
        if (names(process, variables.get(SupervisorVariables.SYSTEMD_EXEC_PID))
                || process.streams()
                        .contains(variables.getOrDefault(SupervisorVariables.JOURNAL_STREAM, ""))) {
            return Optional.of(SYSTEMD);
        }
        if (process.pid() == 1) {
            return Optional.of(CONTAINER);
        }
        if (names(process, variables.get(SupervisorVariables.LISTEN_PID))
                || names(process, variables.get(SupervisorVariables.WATCHDOG_PID))) {
            return Optional.of(OTHER);
        }
        // The next variables name no process. A user's shell has a terminal.
        if (process.hasControllingTerminal()) {
            return Optional.empty();
        }
        if (variables.containsKey(SupervisorVariables.NOTIFY_SOCKET)
                && !variables.containsKey(SupervisorVariables.SYSTEMD_EXEC_PID)) {
            return Optional.of(OTHER);
        }
        // supervisord makes each process that it starts the leader of a group.
        return variables.containsKey("SUPERVISOR_ENABLED") && process.isGroupLeader()
                ? Optional.of(SUPERVISORD)
                : Optional.empty();
    }

    private static boolean names(OwnProcess process, @Nullable String pid) {
        return Long.toString(process.pid()).equals(pid);
    }
}
