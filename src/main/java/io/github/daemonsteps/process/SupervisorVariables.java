package io.github.daemonsteps.process;

import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.text.AsciiNumber;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * The environment variables that a supervisor such as systemd sets for a process that it starts. See
 * systemd.exec(5), sd_listen_fds(3) and sd_watchdog_enabled(3). Some of them describe that process or its
 * descriptors, and would be wrong in another process.
 */
public final class SupervisorVariables {

    // The use of a constant loads no class.

    /** The process that has the passed descriptors. */
    public static final String LISTEN_PID = "LISTEN_PID";

    private static final String LISTEN_FDS = "LISTEN_FDS";
    private static final String LISTEN_FDNAMES = "LISTEN_FDNAMES";

    /** The inode of the process's pidfd, which only the process's starter can know. */
    private static final String LISTEN_PIDFDID = "LISTEN_PIDFDID";

    /** {@code SD_LISTEN_FDS_START} of systemd/sd-daemon.h. */
    private static final int FIRST_DESCRIPTOR = 3;

    private static final int MAX_DESCRIPTORS = 1024;

    private static final List<String> OF_DESCRIPTORS =
            List.of(LISTEN_PID, LISTEN_FDS, LISTEN_FDNAMES, LISTEN_PIDFDID);

    /** The socket for messages to the supervisor. */
    public static final String NOTIFY_SOCKET = "NOTIFY_SOCKET";

    /** The process that systemd itself has executed. */
    public static final String SYSTEMD_EXEC_PID = "SYSTEMD_EXEC_PID";

    /** The process that must tell in time that it is healthy. */
    public static final String WATCHDOG_PID = "WATCHDOG_PID";

    /** The time in which that process must tell, in microseconds. */
    public static final String WATCHDOG_USEC = "WATCHDOG_USEC";

    /** The device and the inode of the journal, if standard output or standard error is connected to it. */
    public static final String JOURNAL_STREAM = "JOURNAL_STREAM";

    /** The run of a service of systemd. */
    public static final String INVOCATION_ID = "INVOCATION_ID";

    /** The pid file of a service of systemd. */
    public static final String PIDFILE = "PIDFILE";

    private static final List<String> OF_PROCESS =
            List.of("MAINPID", SYSTEMD_EXEC_PID, WATCHDOG_PID, WATCHDOG_USEC);

    private static final List<String> OF_SERVICE = List.of("CACHE_DIRECTORY", "CONFIGURATION_DIRECTORY",
            "CREDENTIALS_DIRECTORY", "FDSTORE", INVOCATION_ID, JOURNAL_STREAM, "LOGS_DIRECTORY",
            "MEMORY_PRESSURE_WATCH", "MEMORY_PRESSURE_WRITE", NOTIFY_SOCKET, PIDFILE, "REMOTE_ADDR",
            "REMOTE_PORT", "RUNTIME_DIRECTORY", "STATE_DIRECTORY", "TRIGGER_PATH",
            "TRIGGER_TIMER_MONOTONIC_USEC", "TRIGGER_TIMER_REALTIME_USEC", "TRIGGER_UNIT");

    private SupervisorVariables() {
    }

    /**
     * Returns the environment of a program that the process itself executes.
     *
     * @param from the environment of the process
     * @param to the environment that the variables are added to; a variable that it has already stays
     */
    public static Environment copy(Environment from, Environment to) {
        Environment all = to;
        for (List<String> names : List.of(OF_SERVICE, OF_PROCESS, OF_DESCRIPTORS)) {
            for (String name : names) {
                Optional<CString> value = from.get(name);
                if (value.isPresent() && to.get(name).isEmpty()) {
                    all = all.with(variable(name, value.get()));
                }
            }
        }
        return all;
    }

    /**
     * Returns the descriptors that a supervisor has passed to a process.
     *
     * @param environment the environment of the process
     * @param pid the process
     * @return the descriptors; none if the variables name another process
     */
    public static SortedSet<Integer> descriptors(Environment environment, long pid) {
        SortedSet<Integer> descriptors = new TreeSet<>();
        if (number(environment, LISTEN_PID) == pid) {
            long count = Math.min(number(environment, LISTEN_FDS), MAX_DESCRIPTORS);
            for (int i = 0; i < count; i++) {
                descriptors.add(FIRST_DESCRIPTOR + i);
            }
        }
        return descriptors;
    }

    /**
     * Returns the names that a supervisor has given to the descriptors, in their order.
     *
     * @param environment the environment of the process
     * @return the names; empty if the supervisor has given none
     */
    public static List<String> descriptorNames(Environment environment) {
        Optional<CString> names = environment.get(LISTEN_FDNAMES);
        return names.isEmpty() ? List.of() : List.of(names.get().toString().split(":", -1));
    }

    /**
     * Returns the environment for a process other than the one that a supervisor has started.
     *
     * @param environment the environment of the process that the supervisor has started
     * @param pid the process that the supervisor has started
     * @param kept the descriptors that the other process gets
     * @param other the other process
     * @return the environment for the other process
     */
    public static Environment forOther(Environment environment, long pid, Set<Integer> kept, long other) {
        SortedSet<Integer> descriptors = descriptors(environment, pid);
        Environment changed = without(OF_PROCESS, environment);
        return !descriptors.isEmpty() && kept.containsAll(descriptors)
                ? changed.without(LISTEN_PIDFDID).with(CString.of(LISTEN_PID + "=" + other))
                : withoutDescriptors(changed);
    }

    /**
     * Returns the socket for messages to the supervisor, if a process may speak for its service. A process
     * that a service itself has started may not: {@code SYSTEMD_EXEC_PID} then names another process.
     *
     * @param environment the environment of the process
     * @param pid the process
     * @return the value of {@code NOTIFY_SOCKET}; empty if it is not set, or is not for this process
     */
    public static Optional<CString> notifySocket(Environment environment, long pid) {
        Optional<CString> socket = environment.get(NOTIFY_SOCKET);
        return socket.isPresent() && isOf(SYSTEMD_EXEC_PID, environment, pid) ? socket : Optional.empty();
    }

    private static boolean isOf(String name, Environment environment, long pid) {
        return environment.get(name).isEmpty() || number(environment, name) == pid;
    }

    /**
     * Returns the environment for a process that becomes the main process of a service, in place of the one
     * that the supervisor has started.
     *
     * @param from the environment of the process that the supervisor has started
     * @param to the environment that the variables are added to
     * @param pid the process that the supervisor has started
     * @param other the process that becomes the main process
     * @return the environment for that process
     */
    public static Environment forMainProcess(Environment from, Environment to, long pid, long other) {
        Environment changed = to.with(variable(NOTIFY_SOCKET, from.get(NOTIFY_SOCKET).orElseThrow()));
        if (from.get(SYSTEMD_EXEC_PID).isPresent()) {
            changed = changed.with(CString.of(SYSTEMD_EXEC_PID + "=" + other));
        }
        Optional<CString> watchdog = from.get(WATCHDOG_USEC);
        return watchdog.isPresent() && isOf(WATCHDOG_PID, from, pid)
                ? changed.with(variable(WATCHDOG_USEC, watchdog.get()))
                        .with(CString.of(WATCHDOG_PID + "=" + other))
                : changed;
    }

    /** Returns the environment of a process that must not speak for the service of its launcher. */
    public static Environment withoutNotifySocket(Environment environment) {
        return environment.without(NOTIFY_SOCKET);
    }

    /**
     * Returns the environment for a process that gets descriptors from 3 on.
     *
     * @param environment the other variables
     * @param pid the process
     * @param names the name of each descriptor
     * @return the environment for the process
     */
    public static Environment withDescriptors(Environment environment, long pid, List<String> names) {
        return environment.with(CString.of(LISTEN_PID + "=" + pid))
                .with(CString.of(LISTEN_FDS + "=" + names.size()))
                .with(CString.of(LISTEN_FDNAMES + "=" + String.join(":", names)));
    }

    private static CString variable(String name, CString value) {
        return CString.of(name + "=").plus(value);
    }

    /** Returns the environment without the variables that describe passed descriptors. */
    public static Environment withoutDescriptors(Environment environment) {
        return without(OF_DESCRIPTORS, environment);
    }

    private static Environment without(List<String> names, Environment environment) {
        Environment changed = environment;
        for (String name : names) {
            changed = changed.without(name);
        }
        return changed;
    }

    private static long number(Environment environment, String name) {
        Optional<CString> value = environment.get(name);
        if (value.isEmpty()) {
            return 0;
        }
        String text = value.get().toString();
        return text.matches("[0-9]{1,9}") ? AsciiNumber.parseLong(text) : 0;
    }
}
