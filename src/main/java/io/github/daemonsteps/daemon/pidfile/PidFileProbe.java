package io.github.daemonsteps.daemon.pidfile;

import io.github.daemonsteps.daemon.Status.State;
import io.github.daemonsteps.daemon.files.FileRefusedException;
import io.github.daemonsteps.daemon.pidfile.DaemonRecord.Mode;
import io.github.daemonsteps.daemon.pidfile.DaemonRecord.Verdict;
import io.github.daemonsteps.ffm.NativePosix;
import io.github.daemonsteps.posix.Errno;
import io.github.daemonsteps.posix.FileStatus;
import io.github.daemonsteps.posix.FlockOperation;
import io.github.daemonsteps.posix.PosixException;
import io.github.daemonsteps.procfs.ProcLocks;
import io.github.daemonsteps.procfs.ProcLocks.Acquirer;
import io.github.daemonsteps.procfs.ProcMount;
import io.github.daemonsteps.procfs.ProcessStat;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * One probe of an open pid file, its lock and its record, to determine which process is the daemon. The lock
 * suffices as long as the daemon keeps it. The record identifies a daemon that has closed its descriptors,
 * and one whose descriptors this user may not see. If neither suffices, the state is unknown.
 * docs/identity.md has the table.
 *
 * @param pidFile the pid file
 * @param fd the descriptor of the pid file
 * @param file the status of the pid file
 * @param content the content of the pid file
 * @param daemon the record beside the pid file, if it exists
 * @param posix the calls of this process
 */
public record PidFileProbe(PidFile pidFile, int fd, FileStatus file, PidFileContent content,
        Optional<DaemonRecord> daemon,
        NativePosix posix) {

    private static final Path BOOT_TIME = Path.of("/proc/stat");

    /** The number of consecutive observations before a foreign lock holder is reported. */
    private static final int HOLDER_OBSERVATIONS = 5;

    /**
     * The same number for a holder that may be the process of a start. Such a process has a second to write
     * its record.
     */
    private static final int STARTING_OBSERVATIONS = 50;

    // One object each: two observations of it are equal without the methods of records, which a JVM links
    // at their first use.

    private static final State NOT_RUNNING = new State.NotRunning();

    private static final State DEAD = new State.Dead();

    private static final long LOOK_AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    /**
     * Returns the state that the file and the kernel show. Values that are read one after the other may
     * change in between, so two probes must agree. Several probes must agree that another process holds the
     * lock. A process that only reads the state or removes the file holds the lock for a moment. A dying
     * process holds the lock until its exit.
     */
    public static State state(PidFile pidFile, NativePosix posix) {
        State state = look(pidFile, posix);
        int agreeing = 0;
        for (int i = 0; i < PidFile.MAX_ATTEMPTS; i++) {
            int enough = requiredObservations(state);
            if (agreeing >= enough) {
                return state;
            }
            if (enough > 1) {
                LockSupport.parkNanos(LOOK_AGAIN_NANOS); // no event announces that the lock is free
            }
            State again = look(pidFile, posix);
            agreeing = Objects.equals(again, state) ? agreeing + 1 : 0;
            state = again;
        }
        return state;
    }

    private static int requiredObservations(State state) {
        if (state instanceof State.LockedByOther other) {
            return requiredObservations(other.pid());
        }
        if (state instanceof State.LockInherited left) {
            return left.holder() == null ? HOLDER_OBSERVATIONS : requiredObservations(left.holder());
        }
        return 1;
    }

    private static int requiredObservations(int holder) {
        return mayBeStarting(holder) ? STARTING_OBSERVATIONS : HOLDER_OBSERVATIONS;
    }

    private static State look(PidFile pidFile, NativePosix posix) {
        PidFile.Opened file;
        try {
            file = pidFile.open(posix);
        } catch (FileRefusedException e) {
            return new State.Unknown(e.getMessage(), null);
        } catch (PosixException e) {
            return e.errno().equals(Errno.ENOENT)
                    ? NOT_RUNNING
                    : new State.Unknown(e.getMessage(), e.errno());
        }
        try {
            pidFile.checkFileSystem(posix);
            Optional<String> foreign = ProcMount.reason();
            if (foreign.isPresent()) {
                return new State.Unknown(foreign.get(), null);
            }
            return new PidFileProbe(pidFile, file.fd(), file.status(), PidFile.content(file, posix),
                    pidFile.record().read(file.status(), posix), posix).state();
        } catch (FileRefusedException e) { // on a network file system
            return new State.Unknown(e.getMessage(), null);
        } catch (PosixException e) { // for example, the file system has no locks
            return new State.Unknown(pidFile.path().quoted() + ": " + e.getMessage(), e.errno());
        } catch (UncheckedIOException e) {
            return new State.Unknown(String.valueOf(e.getMessage()), null);
        } finally {
            posix.closeQuietly(file.fd());
        }
    }

    /** Returns the state that the lock and the record show now. */
    private State state() {
        int number = content.number();
        Optional<DaemonRecord> recorded = daemon.filter(it -> it.pid() == number);
        Optional<Verdict> verdict = recorded.map(it -> it.verdict(posix));
        boolean isAlive = verdict.filter(Verdict.ALIVE::equals).isPresent();
        if (isAlive && !pidFile.record().isInSharedDirectory(posix)) {
            return of(recorded.get());
        }
        var table = new ProcLocks(posix);
        Optional<Acquirer> acquirer = table.acquirer(file, number);
        if (acquirer.isEmpty()) {
            // A lock that is not listed may still be held. In a pid namespace the table omits acquirers that
            // have exited.
            if (!posix.tryFlock(fd, FlockOperation.LOCK_SH)) {
                return unlisted(table);
            }
            posix.flock(fd, FlockOperation.LOCK_UN);
            if (isAlive) {
                return new State.Unknown(
                        pidFile.path().quoted() + ": process " + number + " does not hold the"
                                + " lock; in a directory that all can write to, its record does not suffice",
                        null);
            }
            return content.isOfPidFile()
                    ? DEAD
                    : new State.Unknown(pidFile.notAPidFile(), null);
        }
        int pid = acquirer.get().pid();
        if (!acquirer.get().exclusive()) {
            return new State.LockedByOther(pid);
        }
        Optional<ProcessStat> stat = ProcessStat.of(pid);
        if (stat.isPresent() ? stat.get().hasEnded() : !table.exists(pid)) {
            return lockInherited(table);
        }
        return switch (table.holds(pid, file)) {
            case NO -> lockInherited(table); // another process has the number now
            case HIDDEN -> isAlive && pid == number
                    ? of(recorded.get())
                    : new State.Unknown("process " + pid + " acquired the lock; this user may not"
                            + " see whether that process still holds the lock", Errno.EACCES);
            case YES -> recorded(pid).orElseGet(() -> holder(pid, verdict));
        };
    }

    /** Returns the state when the process that has acquired the lock still holds it. */
    private State holder(int pid, Optional<Verdict> verdict) {
        boolean isAnother = pid != content.number() || verdict.filter(Verdict.GONE::equals).isPresent();
        if (isAnother) {
            return new State.LockedByOther(pid);
        }
        return ProcessStat.of(pid).filter(PidFileProbe::isStarting).isPresent()
                ? new State.Starting(pid)
                : new State.Running(pid, since(pid));
    }

    /** Returns the state of a daemon whose record shows that it lives. */
    private static State of(DaemonRecord alive) {
        int pid = alive.pid();
        boolean isStarting = alive.mode() == Mode.DAEMON
                && ProcessStat.of(pid).filter(PidFileProbe::isStarting).isPresent();
        return isStarting ? new State.Starting(pid) : new State.Running(pid, since(pid));
    }

    /**
     * Returns the state when the lock is held, and the table does not list the process that has acquired it.
     */
    private State unlisted(ProcLocks table) {
        OptionalInt holder = table.anyHolder(file);
        return holder.isPresent()
                ? recorded(holder.getAsInt()).orElse(new State.LockInherited(holder.getAsInt()))
                : new State.LockInherited(null);
    }

    /**
     * Returns the state of the daemon if the record names this holder of the lock. The number in the file may
     * differ: it is not written yet, or was changed. A holder that the record does not name is not believed,
     * even if it resembles the process of a start. A child process of a server may resemble one too.
     */
    private Optional<State> recorded(int holder) {
        return daemon.filter(it -> it.pid() == holder && it.isAlive(posix)).map(PidFileProbe::of);
    }

    /** Returns whether a lock holder may be the process of a start that has not written its record yet. */
    private static boolean mayBeStarting(int pid) {
        return ProcessStat.of(pid).filter(stat -> isChildOfLeader(stat) && !stat.hasExecuted()).isPresent();
    }

    private State lockInherited(ProcLocks table) {
        OptionalInt holder = table.anyHolder(file);
        return new State.LockInherited(holder.isPresent() ? holder.getAsInt() : null);
    }

    /**
     * Returns whether the daemon is still being started. The session leader then waits for its readiness, or
     * the daemon has not executed its program.
     */
    private static boolean isStarting(ProcessStat stat) {
        return isChildOfLeader(stat) || !stat.hasExecuted();
    }

    private static boolean isChildOfLeader(ProcessStat stat) {
        return stat.ppid() == stat.sid();
    }

    /**
     * Returns the time of the start of a process; null if {@code /proc} was mounted with {@code subset=pid}.
     * Without the boot time the JDK would count from 1970.
     */
    private static @Nullable Instant since(int pid) {
        if (!Files.exists(BOOT_TIME)) {
            return null;
        }
        return ProcessHandle.of(pid).flatMap(process -> process.info().startInstant())
                .map(start -> start.truncatedTo(ChronoUnit.SECONDS)).orElse(null);
    }
}
