package io.github.daemonsteps.testing;

import io.github.daemonsteps.posix.FileMode;
import io.github.daemonsteps.posix.SignalSet;
import io.github.daemonsteps.process.ProcessState;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A daemon after the steps of a start, before its program has opened anything.
 *
 * @param directory the working directory
 * @param pidFile the pid file, which the daemon has open
 * @param log the log, which is the standard output and error
 */
public record ProperDaemon(String directory, Path pidFile, Path log) {

    /**
     * Returns the differences between a process that another one has launched and this; empty if there are
     * none.
     */
    public List<String> flaws(int pid, int launcher) {
        ProcessState state = ProcessState.of(pid);
        List<String> flaws = new ArrayList<>();
        // The adopter of orphans is its parent: 1, or the nearest subreaper.
        check(flaws, "its parent is not an adopter", state.ppid() > 0 && state.ppid() != launcher
                && !Objects.equals(state.ppid(), state.sid()), state.ppid());
        check(flaws, "leads its session", state.sid() > 0 && !state.isSessionLeader(), state.sid());
        check(flaws, "group and session differ", Objects.equals(state.pgid(), state.sid()), state.pgid());
        check(flaws, "terminal", state.terminal() == 0, state.terminal());
        check(flaws, "directory", directory.equals(state.cwd()), state.cwd());
        check(flaws, "umask", FileMode.of(027).equals(state.umask()), state.umask());
        check(flaws, "blocked signals", SignalSet.NONE.equals(state.blocked()), state.blocked());
        check(flaws, "ignored signals", SignalSet.NONE.equals(state.ignored()), state.ignored());
        check(flaws, "descriptors", isStandardAndLock(state.fds()), state.fds());
        return flaws;
    }

    private boolean isStandardAndLock(@Nullable Map<Integer, String> fds) {
        if (fds == null) {
            return false;
        }
        var others = new TreeMap<>(fds);
        var standard = new HashMap<Integer, String>();
        for (int fd = 0; fd <= 2; fd++) {
            standard.put(fd, String.valueOf(others.remove(fd)));
        }
        return standard.equals(Map.of(0, "/dev/null", 1, log.toString(), 2, log.toString()))
                && List.copyOf(others.values()).equals(List.of(pidFile.toString()));
    }

    private static void check(List<String> flaws, String flaw, boolean holds, @Nullable Object is) {
        if (!holds) {
            flaws.add(flaw + ": " + is);
        }
    }
}
