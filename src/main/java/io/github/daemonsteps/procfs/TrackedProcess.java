package io.github.daemonsteps.procfs;

import io.github.daemonsteps.ffm.NativePosix;
import io.github.daemonsteps.posix.Errno;
import io.github.daemonsteps.posix.PosixException;
import io.github.daemonsteps.posix.Signal;
import io.github.daemonsteps.posix.WaitStatus;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The end of a process, awaited and if need be brought about.
 *
 * <p>By a pidfd, which means this very process even when its number has gone to another. Where there are none
 * (before Linux 5.3, or under an old container filter) by its number, and by looking every millisecond.
 */
public final class TrackedProcess implements AutoCloseable {

    /** What {@link #await} has waited for. */
    public enum Event {
        /** There is something to read, or end of file. */
        READABLE,
        /** The process has ended, and there is nothing to read. */
        ENDED,
        /** The time is up. */
        TIMEOUT
    }

    private static final long LOOK_AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    private static final long UNKNOWN = -1;

    private final NativePosix posix;
    private final int pid;
    private final int pidfd;
    /** Tells it from another with its number, where there is no pidfd. */
    private final long startTime;
    private String end = "has ended";
    private boolean reaped;

    public TrackedProcess(NativePosix posix, int pid, int pidfd) {
        this.posix = posix;
        this.pid = pid;
        this.pidfd = pidfd;
        this.startTime =
                pidfd >= 0 ? UNKNOWN : ProcessStat.of(pid).map(ProcessStat::startTime).orElse(UNKNOWN);
    }

    /**
     * Watches the process that has this number now. To be sure that it is the one that is meant, ask once more
     * afterwards whatever has told its number.
     */
    public static TrackedProcess of(NativePosix posix, int pid) {
        return new TrackedProcess(posix, pid, pidfd(posix, pid));
    }

    private static int pidfd(NativePosix posix, int pid) {
        try {
            return posix.pidfd_open(pid);
        } catch (PosixException none) {
            // Too old a kernel, a filter, no descriptor left, or reaped already since SIGCHLD is ignored
            // here.
            return -1;
        }
    }

    /** Its id. */
    public int pid() {
        return pid;
    }

    /** The pidfd, readable when the process has ended; -1 if there is none. */
    public int pidfd() {
        return pidfd;
    }

    /** Whether there is a pidfd: a signal hits this very process then, whatever becomes of its number. */
    public boolean hasPidfd() {
        return pidfd >= 0;
    }

    /** Ends it with SIGKILL, unless it has ended. */
    public void kill() {
        signal(Signal.SIGKILL);
    }

    /**
     * Sends it a signal, unless it has ended.
     *
     * @throws PosixException with EPERM if this user may not
     */
    public void signal(Signal signal) {
        try {
            if (pidfd < 0) {
                signalByNumber(signal);
            } else {
                posix.pidfd_send_signal(pidfd, signal);
            }
        } catch (PosixException failed) {
            boolean isForbidden =
                    failed.errno().equals(Errno.ENOSYS) || failed.errno().equals(Errno.EPERM);
            if (pidfd >= 0 && isForbidden) {
                // Too old a kernel or an old container filter, if it is not the kernel's last word.
                if (!hasEnded()) {
                    signalByNumber(signal);
                }
            } else if (!failed.errno().equals(Errno.ESRCH)) {
                throw failed;
            }
        }
    }

    /**
     * Sends it a signal by its pidfd, unless it has ended. Never falls back to its number.
     *
     * @throws PosixException with EPERM if this user may not, with EBADF if there is no pidfd
     */
    public void signalByPidfd(Signal signal) {
        try {
            posix.pidfd_send_signal(pidfd, signal);
        } catch (PosixException e) {
            if (!e.errno().equals(Errno.ESRCH)) {
                throw e;
            }
        }
    }

    /** Returns whether it has ended, without waiting. */
    public boolean hasEnded() {
        return awaitEnd(System.nanoTime());
    }

    private void signalByNumber(Signal signal) {
        try {
            if (isThereOrReap()) {
                posix.kill(pid, signal);
            }
        } catch (PosixException gone) {
            if (!gone.errno().equals(Errno.ESRCH)) {
                throw gone;
            }
        }
    }

    /**
     * Waits until a descriptor is readable or the process has ended, at most until this {@link
     * System#nanoTime}. What is readable comes first: the last words of a process are not lost.
     */
    public Event await(int fd, long nanoTime) {
        while (true) {
            long until = pidfd >= 0 ? nanoTime : Math.min(nanoTime, System.nanoTime() + LOOK_AGAIN_NANOS);
            int ready = posix.poll(until, fd, pidfd);
            if (ready == 0) {
                return Event.READABLE;
            }
            if (ready == 1 || (pidfd < 0 && !isThere())) {
                return posix.poll(System.nanoTime(), fd) == 0 ? Event.READABLE : Event.ENDED;
            }
            if (System.nanoTime() - nanoTime >= 0) {
                return Event.TIMEOUT;
            }
        }
    }

    /** Waits until it has ended, at most until this {@link System#nanoTime}. Returns whether it has. */
    public boolean awaitEnd(long nanoTime) {
        if (pidfd >= 0) {
            try {
                return posix.poll(nanoTime, pidfd) == 0;
            } catch (PosixException noMemory) {
                // By its number then: whoever waits for an end has to see it.
            }
        }
        while (isThereOrReap()) {
            if (System.nanoTime() - nanoTime >= 0) {
                return false;
            }
            LockSupport.parkNanos(LOOK_AGAIN_NANOS);
        }
        return true;
    }

    /**
     * By its number: whether it is there. If not, it has been reaped. The look comes first: a process that ends between
     * the two is reaped too, and the way it ended is known.
     */
    private boolean isThereOrReap() {
        boolean isThere = isThere();
        return !reap() && isThere;
    }

    /** By its number: whether there is such a process, not ended, and the very one, as far as can be seen. */
    private boolean isThere() {
        Optional<ProcessStat> stat = ProcessStat.of(pid);
        if (stat.isPresent()) {
            return !stat.get().hasEnded() && (startTime == UNKNOWN || stat.get().startTime() == startTime);
        }
        try {
            posix.getpgid(pid);
            return true; // only hidden from this user
        } catch (PosixException gone) {
            return false;
        }
    }

    /**
     * Reaps it if it is a child of ours that has ended and has not been reaped. Returns whether it has been.
     */
    public boolean reap() {
        if (!reaped) {
            try {
                WaitStatus status = posix.waitpid(pid);
                reaped = !status.equals(WaitStatus.RUNNING);
                if (reaped) {
                    end = status.toString();
                }
            } catch (PosixException notOurs) {
                // Not our child, or reaped by the kernel because SIGCHLD is ignored: how it ended cannot be
                // known.
                if (!notOurs.errno().equals(Errno.ECHILD)) {
                    throw notOurs;
                }
            }
        }
        return reaped;
    }

    /** How it ended, as far as is known: {@code was ended by SIGKILL}. */
    public String end() {
        return end;
    }

    /** Stops watching. */
    @Override
    public void close() {
        if (pidfd >= 0) {
            posix.closeQuietly(pidfd);
        }
    }
}
