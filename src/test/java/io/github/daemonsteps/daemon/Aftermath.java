package io.github.daemonsteps.daemon;

import io.github.daemonsteps.posix.Processes;
import io.github.daemonsteps.procfs.ProcessStat;
import io.github.daemonsteps.testing.ChildJvm;
import io.github.daemonsteps.testing.ProperDaemon;
import io.github.daemonsteps.testkit.Faults;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/** The remains of a start after the exit of its launcher, once its processes have settled. Other remains are a failure. */
enum Aftermath {
    /** No process, and no pid file. */
    NOTHING,
    /** A proper daemon, which can be stopped. */
    WHOLE_DAEMON,
    /** No process, and a pid file whose process has ended. The next start acquires it. */
    DEAD_PID_FILE;

    private static final long LOOK_AGAIN_NANOS = 1_000_000;

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
            checkDaemon(start, left.getFirst(), launcher);
            aftermath = WHOLE_DAEMON;
        } else {
            throw new AssertionError("processes " + left + " are left");
        }
        checkFiles(start);
        return aftermath;
    }

    /** Returns the processes that run after all forks have executed a program or exited. Only a parent is notified of an exit. */
    private static List<Integer> awaitRest(Search search) throws IOException {
        long until = System.nanoTime() + ChildJvm.DEADLINE.toNanos();
        // During execve a process has no environment for a moment, and the search misses it.
        Set<Integer> seen = new TreeSet<>();
        List<Integer> before = List.of(-1);
        while (true) {
            seen.addAll(search.find());
            List<Integer> living = seen.stream().filter(pid -> !Processes.hasEnded(pid)).toList();
            boolean rests =
                    living.stream().allMatch(pid -> ProcessStat.of(pid).filter(Aftermath::rests).isPresent());
            if (rests && living.equals(before)) {
                return living;
            }
            before = living;
            if (System.nanoTime() - until > 0) {
                throw new AssertionError("forked processes are still there: "
                        + living.stream().map(pid -> ProcessStat.of(pid).toString()).toList());
            }
            LockSupport.parkNanos(LOOK_AGAIN_NANOS);
        }
    }

    /** An exiting leader disappears from the search a moment before its child becomes an orphan. */
    private static boolean rests(ProcessStat stat) {
        return stat.hasExecuted() && stat.ppid() != stat.sid();
    }

    private static Aftermath ofPidFile(StartWithFaults start) throws IOException {
        // An exiting process disappears from the search a moment before it releases the lock.
        long until = System.nanoTime() + ChildJvm.DEADLINE.toNanos() / 4;
        Status.State state = start.daemon().status().state();
        while (!state.equals(new Status.State.Dead())) {
            if (state.equals(new Status.State.NotRunning())) {
                return NOTHING;
            }
            if (System.nanoTime() - until > 0) {
                throw new AssertionError("no process is left, but the state is " + state);
            }
            LockSupport.parkNanos(LOOK_AGAIN_NANOS);
            state = start.daemon().status().state();
        }
        String content = Files.readString(start.pidFile());
        if (!content.matches("([1-9][0-9]*\n)?")) {
            throw new AssertionError("no process is left, and the pid file contains " + content);
        }
        StartResult next = start.start(new Faults(new Faults.Script() {}), _ -> {
        });
        if (!(next instanceof StartResult.Started)
                || !(start.daemon().stop() instanceof StopResult.Stopped)) {
            throw new AssertionError("the next start: " + next.message());
        }
        return DEAD_PID_FILE;
    }

    private static void checkDaemon(StartWithFaults start, int pid, int launcher) throws IOException {
        Daemon daemon = start.daemon();
        if (!(daemon.status().state() instanceof Status.State.Running(int running, var _))
                || running != pid) {
            throw new AssertionError(
                    "process " + pid + " runs, and the status is " + daemon.status().message());
        }
        String content = Files.readString(start.pidFile());
        if (!content.equals(pid + "\n")) {
            throw new AssertionError("the pid file of " + pid + " contains " + content);
        }
        if (!PidFiles.isHeldBy(pid, start.pidFile())) {
            throw new AssertionError("process " + pid + " does not hold the lock");
        }
        awaitNoFlaws(new ProperDaemon("/", start.pidFile(), start.log()), pid, launcher);
        StopResult stopped = daemon.stop();
        if (!stopped.equals(new StopResult.Stopped("d", pid, false, 0, false, null, List.of()))) {
            throw new AssertionError(stopped.message());
        }
        if (!Processes.hasEnded(pid) || Files.exists(start.pidFile())) {
            throw new AssertionError("process " + pid + " or its pid file is there after its stop");
        }
    }

    /** Waits until the program has opened its libraries, which it does not announce. */
    private static void awaitNoFlaws(ProperDaemon proper, int pid, int launcher) {
        long until = System.nanoTime() + ChildJvm.DEADLINE.toNanos() / 4;
        List<String> flaws = proper.flaws(pid, launcher);
        while (!flaws.isEmpty()) {
            if (System.nanoTime() - until > 0) {
                throw new AssertionError("process " + pid + " is not a proper daemon: " + flaws);
            }
            LockSupport.parkNanos(LOOK_AGAIN_NANOS);
            flaws = proper.flaws(pid, launcher);
        }
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
