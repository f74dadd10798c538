package io.github.daemonsteps.daemon;

import io.github.daemonsteps.daemon.DaemonRecord.Mode;
import io.github.daemonsteps.daemon.DaemonRecord.Verdict;
import io.github.daemonsteps.daemon.LockTable.Taken;
import io.github.daemonsteps.daemon.Status.State;
import io.github.daemonsteps.posix.Errno;
import io.github.daemonsteps.posix.FileStatus;
import io.github.daemonsteps.posix.Lock;
import io.github.daemonsteps.posix.NativePosix;
import io.github.daemonsteps.posix.ProcessStat;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One look at a pid file that is open, and at the processes that have to do with it. Two witnesses tell who the daemon is.
 * The lock tells by itself as long as the daemon keeps it. The record tells of a daemon that has closed its descriptors,
 * and of one whose descriptors this user may not see. What neither can tell is unknown. docs/identity.md has the table.
 *
 * @param fd its descriptor
 * @param file its status
 * @param number the number in it, or {@link PidFile#NOBODY}
 * @param daemon the record beside it, if there is one
 * @param posix this process
 */
record Look(int fd, FileStatus file, int number, Optional<DaemonRecord> daemon, NativePosix posix) {

    /** What it is now. */
    State state() {
        Optional<DaemonRecord> recorded = daemon.filter(it -> it.pid() == number);
        Optional<Verdict> verdict = recorded.map(it -> it.verdict(posix));
        if (verdict.filter(Verdict.ALIVE::equals).isPresent()) {
            return of(recorded.get());
        }
        var table = new LockTable(posix);
        Optional<Taken> taken = table.taken(file, number);
        if (taken.isEmpty()) {
            // Not in the table is not free: in a pid namespace it leaves out who has ended.
            if (!PidFile.tryLock(fd, Lock.LOCK_SH, posix)) {
                return unlisted(table);
            }
            posix.flock(fd, Lock.LOCK_UN);
            return new State.Dead();
        }
        int taker = taken.get().pid();
        if (!taken.get().exclusive()) {
            return new State.HeldByOther(taker);
        }
        Optional<ProcessStat> stat = ProcessStat.of(taker);
        if (stat.isPresent() ? stat.get().hasEnded() : !table.exists(taker)) {
            return leftBehind(table);
        }
        return switch (table.holds(taker, file)) {
            case NO -> leftBehind(table); // its number is another process's now
            case HIDDEN -> new State.Unknown("process " + taker + " has taken the lock, and this user may not"
                    + " see whether it still holds it", Errno.EACCES);
            case YES -> recorded(taker).orElseGet(() -> holder(taker, verdict));
        };
    }

    /** A process that has taken the lock, and holds it. */
    private State holder(int taker, Optional<Verdict> verdict) {
        boolean isAnother = taker != number || verdict.filter(Verdict.GONE::equals).isPresent();
        if (isAnother) {
            return new State.HeldByOther(taker);
        }
        return ProcessStat.of(taker).filter(Look::isStarting).isPresent()
                ? new State.Starting(taker)
                : new State.Running(taker, since(taker));
    }

    /** The daemon, if its record says that it lives. */
    private static State of(DaemonRecord alive) {
        int pid = alive.pid();
        boolean isStarting = alive.mode() == Mode.DAEMON
                && ProcessStat.of(pid).filter(Look::isStarting).isPresent();
        return isStarting ? new State.Starting(pid) : new State.Running(pid, since(pid));
    }

    /** Somebody holds the lock, and the table does not say who has taken it. */
    private State unlisted(LockTable table) {
        int holder = table.anyHolder(file).orElse(PidFile.NOBODY);
        return recorded(holder).orElse(new State.LeftBehind(holder));
    }

    /**
     * The daemon, if the record names this holder of the lock: the number is not written yet, or somebody has changed it.
     * How a process looks proves nothing: a worker of a server may look like the process of a start.
     */
    private Optional<State> recorded(int holder) {
        return daemon.filter(it -> it.pid() == holder && it.isAlive(posix)).map(Look::of);
    }

    /** Whether a process that holds the lock looks as the process of a start does before it has written its record. */
    static boolean mayBeOfStart(int pid) {
        return ProcessStat.of(pid).filter(stat -> isChildOfLeader(stat) && !stat.hasExecuted()).isPresent();
    }

    private State leftBehind(LockTable table) {
        return new State.LeftBehind(table.anyHolder(file).orElse(PidFile.NOBODY));
    }

    /** Until the daemon is ready its session leader stays, and so does a process that is not its program yet. */
    private static boolean isStarting(ProcessStat stat) {
        return isChildOfLeader(stat) || !stat.hasExecuted();
    }

    private static boolean isChildOfLeader(ProcessStat stat) {
        return stat.ppid() == stat.sid();
    }

    private static @Nullable Instant since(int pid) {
        return ProcessHandle.of(pid).flatMap(process -> process.info().startInstant())
                .map(start -> start.truncatedTo(ChronoUnit.SECONDS)).orElse(null);
    }
}
