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
 * A process that is tracked until its end, and killed if necessary.
 *
 * <p>The class uses a pidfd, which means this very process even after its number was used again. Before Linux
 * 5.3, or under an old container filter, pidfds are not available. The class then uses the number, and checks
 * every millisecond.
 */
public final class TrackedProcess implements AutoCloseable {

    /** The event that ended {@link #await}. */
    public enum Event {
        /** The descriptor has data to read, or is at end of file. */
        READABLE,
        /** The process has ended, and the descriptor has no data to read. */
        ENDED,
        /** The deadline has passed. */
        TIMEOUT
    }

    private static final long LOOK_AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    private static final long UNKNOWN = -1;

    private final NativePosix posix;
    private final int pid;
    private final int pidfd;
    /**
     * The start time, which tells the process from another one with the same number where a pidfd is not
     * available.
     */
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
     * Tracks the process that has this number now. The number may have been reused before this call. To be
     * sure of the process, read its number again afterwards from the source of the number.
     */
    public static TrackedProcess of(NativePosix posix, int pid) {
        return new TrackedProcess(posix, pid, pidfd(posix, pid));
    }

    private static int pidfd(NativePosix posix, int pid) {
        try {
            return posix.pidfd_open(pid);
        } catch (PosixException e) {
            // The kernel is too old, a filter denies the call, or no descriptor is free. Or the process is
            // already reaped because this process ignores SIGCHLD.
            return -1;
        }
    }

    /** Returns the id of the process. */
    public int pid() {
        return pid;
    }

    /** Returns the pidfd, which is readable when the process has ended; -1 if the process has none. */
    public int pidfd() {
        return pidfd;
    }

    /**
     * Returns whether the process has a pidfd. A signal then hits this very process, even if its number is
     * reused.
     */
    public boolean hasPidfd() {
        return pidfd >= 0;
    }

    /** Kills the process with SIGKILL, unless it has ended. */
    public void kill() {
        signal(Signal.SIGKILL);
    }

    /**
     * Sends a signal to the process, unless it has ended.
     *
     * @throws PosixException with EPERM if this user may not send the signal
     */
    public void signal(Signal signal) {
        try {
            if (pidfd < 0) {
                signalByNumber(signal);
            } else {
                posix.pidfd_send_signal(pidfd, signal);
            }
        } catch (PosixException e) {
            if (pidfd >= 0 && e.isCallUnavailable()) {
                // The kernel is too old or an old container filter denies the call, unless the denial is
                // genuine.
                if (!hasEnded()) {
                    signalByNumber(signal);
                }
            } else if (!e.errno().equals(Errno.ESRCH)) {
                throw e;
            }
        }
    }

    /**
     * Sends a signal to the process by its pidfd, unless the process has ended. Never falls back to its
     * number.
     *
     * @throws PosixException with EPERM if this user may not send the signal, with EBADF if the process has
     *         no pidfd
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

    /** Returns whether the process has ended, without waiting. */
    public boolean hasEnded() {
        return awaitEnd(System.nanoTime());
    }

    private void signalByNumber(Signal signal) {
        try {
            if (isThereOrReap()) {
                posix.kill(pid, signal);
            }
        } catch (PosixException e) {
            if (!e.errno().equals(Errno.ESRCH)) {
                throw e;
            }
        }
    }

    /**
     * Waits until a descriptor is readable or the process has ended, at most until this
     * {@link System#nanoTime}. A readable descriptor is reported first, so that the last output of a process
     * is not lost.
     *
     * @param fd the descriptor
     * @param nanoTime the deadline
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

    /**
     * Waits until the process has ended, at most until this {@link System#nanoTime}. Returns whether the
     * process has ended.
     */
    public boolean awaitEnd(long nanoTime) {
        if (pidfd >= 0) {
            try {
                return posix.poll(nanoTime, pidfd) == 0;
            } catch (PosixException e) {
                // The end is then observed by the number of the process: the caller must not miss the end.
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
     * Returns whether a process with the number exists; if not, the process has been reaped. The check comes
     * before the reaping. So a process that ends between the two is reaped too, and its exit status is known.
     */
    private boolean isThereOrReap() {
        boolean isThere = isThere();
        return !reap() && isThere;
    }

    /**
     * Returns whether the process exists and has not ended, by its number. As far as can be seen, a process
     * that reuses the number does not count.
     */
    private boolean isThere() {
        Optional<ProcessStat> stat = ProcessStat.of(pid);
        if (stat.isPresent()) {
            return !stat.get().hasEnded() && (startTime == UNKNOWN || stat.get().startTime() == startTime);
        }
        try {
            posix.getpgid(pid);
            return true; // hidden from this user
        } catch (PosixException e) {
            return false;
        }
    }

    /**
     * Reaps the process if it is a child of this process that has ended. Returns whether the process has been
     * reaped, now or before.
     */
    public boolean reap() {
        if (!reaped) {
            try {
                WaitStatus status = posix.waitpid(pid);
                reaped = !(status instanceof WaitStatus.StillRunning);
                if (reaped) {
                    end = status.toString();
                }
            } catch (PosixException e) {
                // The process is not our child, or the kernel has reaped it because SIGCHLD is ignored. Its
                // exit status is then unknown.
                if (!e.errno().equals(Errno.ECHILD)) {
                    throw e;
                }
            }
        }
        return reaped;
    }

    /** Returns how the process ended, as far as is known: {@code was killed by SIGKILL}. */
    public String end() {
        return end;
    }

    /** Stops tracking, and closes the pidfd. */
    @Override
    public void close() {
        if (pidfd >= 0) {
            posix.closeQuietly(pidfd);
        }
    }
}
