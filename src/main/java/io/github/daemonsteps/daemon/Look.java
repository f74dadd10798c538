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
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One look at an open pid file, its lock and its record, to determine which process is the daemon. The lock suffices as
 * long as the daemon keeps it. The record identifies a daemon that has closed its descriptors, and one whose descriptors
 * this user may not see. If neither suffices, the state is unknown. docs/identity.md has the table.
 *
 * @param pidFile the pid file
 * @param fd its descriptor
 * @param file its status
 * @param content what it holds
 * @param daemon the record beside it, if there is one
 * @param posix this process
 */
record Look(PidFile pidFile, int fd, FileStatus file, PidFileContent content, Optional<DaemonRecord> daemon,
        NativePosix posix) {

    private static final Path BOOT_TIME = Path.of("/proc/stat");

    /** Returns the state that the lock and the record show now. */
    State state() {
        int number = content.number();
        Optional<DaemonRecord> recorded = daemon.filter(it -> it.pid() == number);
        Optional<Verdict> verdict = recorded.map(it -> it.verdict(posix));
        if (verdict.filter(Verdict.ALIVE::equals).isPresent()) {
            return of(recorded.get());
        }
        var table = new LockTable(posix);
        Optional<Taken> taken = table.taken(file, number);
        if (taken.isEmpty()) {
            // A lock that is not listed may still be held: in a pid namespace the table omits takers that have ended.
            if (!PidFile.tryLock(fd, Lock.LOCK_SH, posix)) {
                return unlisted(table);
            }
            posix.flock(fd, Lock.LOCK_UN);
            return content.isOfPidFile()
                    ? new State.Dead()
                    : new State.Unknown(pidFile.notOne(), null);
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
            case NO -> leftBehind(table); // the number belongs to another process now
            case HIDDEN -> new State.Unknown("process " + taker + " has taken the lock, and this user may not"
                    + " see whether it still holds it", Errno.EACCES);
            case YES -> recorded(taker).orElseGet(() -> holder(taker, verdict));
        };
    }

    /** Returns the state when the process that has taken the lock still holds it. */
    private State holder(int taker, Optional<Verdict> verdict) {
        boolean isAnother = taker != content.number() || verdict.filter(Verdict.GONE::equals).isPresent();
        if (isAnother) {
            return new State.HeldByOther(taker);
        }
        return ProcessStat.of(taker).filter(Look::isStarting).isPresent()
                ? new State.Starting(taker)
                : new State.Running(taker, since(taker));
    }

    /** Returns the state of a daemon whose record shows that it lives. */
    private static State of(DaemonRecord alive) {
        int pid = alive.pid();
        boolean isStarting = alive.mode() == Mode.DAEMON
                && ProcessStat.of(pid).filter(Look::isStarting).isPresent();
        return isStarting ? new State.Starting(pid) : new State.Running(pid, since(pid));
    }

    /** Returns the state when the lock is held, and the table does not list the process that has taken it. */
    private State unlisted(LockTable table) {
        int holder = table.anyHolder(file).orElse(PidFile.NOBODY);
        return recorded(holder).orElse(new State.LeftBehind(holder));
    }

    /**
     * Returns the state of the daemon if the record names this holder of the lock. The number in the file may differ: it is
     * not written yet, or was changed. A holder that the record does not name is not believed, however much it looks like
     * the process of a start: a worker of a server may look the same.
     */
    private Optional<State> recorded(int holder) {
        return daemon.filter(it -> it.pid() == holder && it.isAlive(posix)).map(Look::of);
    }

    /** Whether a process that holds the lock looks like the process of a start that has not written its record yet. */
    static boolean mayBeOfStart(int pid) {
        return ProcessStat.of(pid).filter(stat -> isChildOfLeader(stat) && !stat.hasExecuted()).isPresent();
    }

    private State leftBehind(LockTable table) {
        return new State.LeftBehind(table.anyHolder(file).orElse(PidFile.NOBODY));
    }

    /** Whether the session leader still waits for the daemon to become ready, or the daemon has not executed its program. */
    private static boolean isStarting(ProcessStat stat) {
        return isChildOfLeader(stat) || !stat.hasExecuted();
    }

    private static boolean isChildOfLeader(ProcessStat stat) {
        return stat.ppid() == stat.sid();
    }

    /** Returns null if {@code /proc} was mounted with {@code subset=pid}: without the boot time the JDK counts from 1970. */
    private static @Nullable Instant since(int pid) {
        if (!Files.exists(BOOT_TIME)) {
            return null;
        }
        return ProcessHandle.of(pid).flatMap(process -> process.info().startInstant())
                .map(start -> start.truncatedTo(ChronoUnit.SECONDS)).orElse(null);
    }
}
