package io.github.daemonsteps.daemon.start;

import io.github.daemonsteps.daemon.StartResult;
import io.github.daemonsteps.daemon.Status;
import io.github.daemonsteps.daemon.config.DaemonConfig;
import io.github.daemonsteps.daemon.control.DaemonController;
import io.github.daemonsteps.ffm.NativePosix;
import io.github.daemonsteps.posix.Deadline;
import io.github.daemonsteps.process.Program;
import io.github.daemonsteps.procfs.ProcessStat;
import io.github.daemonsteps.procfs.TrackedProcess;

/**
 * A start of this daemon by another launcher, which this launcher waits for. The exit of the session leader
 * announces the outcome. The leader exits when the daemon is ready, and is killed when the start has failed.
 *
 * @param config the configuration of the daemon
 * @param program the program of the start that waits
 */
record StartUnderWay(DaemonConfig config, Program program) {

    /** Waits for the outcome of the process that is being started, at most for the start's timeout. */
    StartResult outcome(int pid) {
        NativePosix posix = config.posix();
        if (isCallerInSession(pid, posix)) {
            return new StartResult.AlreadyRunning(config.name(), pid, true, config.exclusive());
        }
        long until = Deadline.in(config.startTimeout());
        while (true) {
            int announcer = ProcessStat.of(pid).filter(stat -> stat.ppid() == stat.sid())
                    .map(ProcessStat::sid).orElse(pid);
            try (var watch = TrackedProcess.of(posix, announcer)) {
                Status status = new DaemonController(config).status(); // after the watch was bound
                switch (status.state()) {
                    case Status.State.Running running -> {
                        return AlreadyThere.running(config, program, running.pid());
                    }
                    case Status.State.Starting starting when starting.pid() == pid -> {
                        if (!watch.awaitEnd(until)) {
                            return failed("process " + pid + " is still being started by another launcher");
                        }
                    }
                    case Status.State.LockInherited _,Status.State.LockedByOther _,Status.State.Unknown _ -> {
                        return failed(status.text());
                    }
                    case Status.State.Starting _,Status.State.Dead _,Status.State.NotRunning _ -> {
                        return failed(
                                "process " + pid + " was being started by another launcher, and that start"
                                        + " has failed: " + status.text());
                    }
                }
            }
        }
    }

    /**
     * Returns whether the caller is in the daemon's session. The daemon may wait for the caller, so the
     * caller must not wait for the daemon.
     */
    private static boolean isCallerInSession(int pid, NativePosix posix) {
        return ProcessStat.of(pid).filter(stat -> stat.sid() == posix.getsid(0)).isPresent();
    }

    private StartResult failed(String reason) {
        return Preflight.failed(config, reason, null);
    }
}
