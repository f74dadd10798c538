package io.github.daemonsteps.daemon;

import io.github.daemonsteps.ProcessState;
import io.github.daemonsteps.daemon.LockTable.Holding;
import io.github.daemonsteps.daemon.LockTable.Taken;
import io.github.daemonsteps.daemon.Status.State;
import io.github.daemonsteps.posix.FileStatus;
import io.github.daemonsteps.posix.Lock;
import io.github.daemonsteps.posix.NativePosix;
import io.github.daemonsteps.posix.ProcessStat;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One look at a pid file that is open, and at the processes that have to do with it.
 *
 * @param fd its descriptor
 * @param file its status
 * @param number the number in it, or {@link PidFile#NOBODY}
 * @param posix this process
 */
record Look(int fd, FileStatus file, int number, NativePosix posix) {

    /** What it is now. */
    State state() {
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
        if (table.holds(taker, file) == Holding.NO) {
            return leftBehind(table); // its number is another process's now
        }
        boolean isStarting = stat.filter(it -> isStarting(it) || !it.hasExecuted()).isPresent();
        if (taker == number) {
            return isStarting ? new State.Starting(taker) : new State.Running(taker, since(taker));
        }
        return isAboutToWrite(taker) ? new State.Starting(taker) : new State.HeldByOther(taker);
    }

    /** Somebody holds the lock, and the table does not say who has taken it. */
    private State unlisted(LockTable table) {
        int holder = table.anyHolder(file).orElse(PidFile.NOBODY);
        return isAboutToWrite(holder) ? new State.Starting(holder) : new State.LeftBehind(holder);
    }

    /** Between taking the lock and writing the number: the starter's own process, and none that plays it. */
    private boolean isAboutToWrite(int pid) {
        return ProcessStat.of(pid).filter(stat -> isStarting(stat) && !stat.hasExecuted()).isPresent()
                && ProcessState.of(pid).uid() == file.uid();
    }

    private State leftBehind(LockTable table) {
        return new State.LeftBehind(table.anyHolder(file).orElse(PidFile.NOBODY));
    }

    /** While somebody waits for it to get ready its parent is the leader of its session. */
    private static boolean isStarting(ProcessStat stat) {
        return stat.ppid() == stat.sid();
    }

    private static @Nullable Instant since(int pid) {
        return ProcessHandle.of(pid).flatMap(process -> process.info().startInstant())
                .map(start -> start.truncatedTo(ChronoUnit.SECONDS)).orElse(null);
    }
}
