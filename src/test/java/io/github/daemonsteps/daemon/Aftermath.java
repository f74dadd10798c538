package io.github.daemonsteps.daemon;

import io.github.daemonsteps.posix.Processes;
import io.github.daemonsteps.procfs.ProcessStat;
import io.github.daemonsteps.testing.Await;
import io.github.daemonsteps.testkit.Faults;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** The remains of a start after the exit of its launcher, once its processes have settled. Other remains are a failure. */
enum Aftermath {
    /** No process, and no pid file. */
    NOTHING,
    /** A proper daemon, which can be stopped. */
    WHOLE_DAEMON,
    /** No process, and a pid file whose process has ended. The next start acquires it. */
    DEAD_PID_FILE;

    /** Finds the processes of a start that have not ended. */
    interface Search {
        List<Integer> find() throws IOException;
    }

    /**
     * Waits until the processes have settled, and removes what is left.
     *
     * @param search finds the processes that the launcher may have left
     * @param launcher the process id of the launcher
     * @throws AssertionError if something else is left
     */
    static Aftermath of(StartWithFaults start, Search search, int launcher) throws IOException {
        List<Integer> left = awaitRest(search);
        Aftermath aftermath;
        if (left.isEmpty()) {
            aftermath = ofPidFile(start);
        } else if (left.size() == 1) {
            List<String> flaws = new CompleteDaemon(start, left.getFirst(), launcher).flawsUntilStopped();
            if (!flaws.isEmpty()) {
                throw new AssertionError("process " + left + " is not a complete daemon: " + flaws);
            }
            aftermath = WHOLE_DAEMON;
        } else {
            throw new AssertionError("processes " + left + " are left");
        }
        // A daemon, and a launcher that is killed, leave the file of a socket to the next start.
        if (aftermath != NOTHING || launcher != ProcessHandle.current().pid()) {
            Files.deleteIfExists(start.socket());
        }
        checkFiles(start);
        return aftermath;
    }

    /** Returns the processes that run after all forks have executed a program or exited. Only a parent is notified of an exit. */
    private static List<Integer> awaitRest(Search search) throws IOException {
        // During execve a process has no environment for a moment, and the search misses it.
        Set<Integer> seen = new TreeSet<>();
        List<Integer> living = new ArrayList<>(List.of(-1));
        Await.until(() -> {
            List<Integer> before = List.copyOf(living);
            seen.addAll(search.find());
            living.clear();
            seen.stream().filter(pid -> !Processes.hasEnded(pid)).forEach(living::add);
            return living.equals(before) && living.stream()
                    .allMatch(pid -> ProcessStat.of(pid).filter(Aftermath::rests).isPresent());
        }, () -> "forked processes are still there: "
                + living.stream().map(pid -> ProcessStat.of(pid).toString()).toList());
        return living;
    }

    /** An exiting leader disappears from the search a moment before its child becomes an orphan. */
    private static boolean rests(ProcessStat stat) {
        return stat.hasExecuted() && stat.ppid() != stat.sid();
    }

    private static Aftermath ofPidFile(StartWithFaults start) throws IOException {
        // An exiting process disappears from the search a moment before it releases the lock.
        Set<Status.State> settled = Set.of(new Status.State.Dead(), new Status.State.NotRunning());
        Await.until(() -> settled.contains(start.daemon().status().state()),
                () -> "no process is left, but the state is " + start.daemon().status().state());
        if (start.daemon().status().state().equals(new Status.State.NotRunning())) {
            return NOTHING;
        }
        String content = Files.readString(start.pidFile());
        if (!content.matches("([1-9][0-9]*\n)?")) {
            throw new AssertionError("no process is left, and the pid file contains " + content);
        }
        StartResult next = start.start(Faults.none(), _ -> {
        });
        if (!(next instanceof StartResult.Started)
                || !(start.daemon().stop() instanceof StopResult.Stopped)) {
            throw new AssertionError("the next start: " + next.message());
        }
        return DEAD_PID_FILE;
    }

    /** A start that was killed may leave an empty log. */
    private static void checkFiles(StartWithFaults start) throws IOException {
        if (Files.exists(start.log()) && Files.size(start.log()) > 0) {
            throw new AssertionError("the log contains " + Files.readString(start.log()));
        }
        Files.deleteIfExists(start.log());
        List<String> others = new ArrayList<>();
        try (Stream<Path> files = Files.list(start.directory())) {
            files.forEach(file -> others.add(file.toString()));
        }
        if (!others.isEmpty()) {
            throw new AssertionError("files are left: " + others);
        }
    }
}
