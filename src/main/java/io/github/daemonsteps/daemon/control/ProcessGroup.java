package io.github.daemonsteps.daemon.control;

import io.github.daemonsteps.ffm.NativePosix;
import io.github.daemonsteps.posix.Deadline;
import io.github.daemonsteps.posix.Errno;
import io.github.daemonsteps.posix.PosixException;
import io.github.daemonsteps.posix.Signal;
import io.github.daemonsteps.procfs.ProcessStat;
import io.github.daemonsteps.procfs.TrackedProcess;
import io.github.daemonsteps.text.AsciiNumber;
import io.github.daemonsteps.text.IoReason;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.IntPredicate;

/**
 * The other processes of a daemon's own process group.
 *
 * <p>The number of a group that has become empty can be given to another group. So the group is never
 * signalled by its number. Its members are found in {@code /proc}, and each is signalled by a pidfd. An
 * anchor is a known member. The result of a search is believed only if an anchor is seen in the group after
 * the search. The number then belonged to the group during the whole search. The first anchor is the daemon.
 */
public final class ProcessGroup implements AutoCloseable {

    private static final Path PROC = Path.of("/proc");

    /** The number for a daemon that shares its group with others. */
    private static final int NOT_ITS_OWN = 0;

    private final NativePosix posix;
    private final int number;
    private final long daemonStart;
    private final TrackedProcess daemon;
    private final Map<Integer, Member> members = new TreeMap<>();

    /** Members without a pidfd, with their start times. */
    private final Map<Integer, Long> unwatched = new TreeMap<>();

    private int ended;

    /** A process of the group. */
    private static final class Member {

        private final TrackedProcess watch;
        private Optional<Signal> last = Optional.empty();
        private Optional<PosixException> refusal = Optional.empty();

        Member(TrackedProcess watch) {
            this.watch = watch;
        }

        /** Sends the process a signal once. */
        void signal(Signal signal) {
            if (last.filter(signal::equals).isPresent()) {
                return;
            }
            last = Optional.of(signal);
            try {
                watch.signalByPidfd(signal);
                if (!signal.equals(Signal.SIGKILL)) {
                    watch.signalByPidfd(Signal.SIGCONT); // a stopped process sees no other signal before
                }
                refusal = Optional.empty();
            } catch (PosixException e) {
                refusal = Optional.of(e); // the others are signalled all the same; see remaining()
            }
        }
    }

    /**
     * A process that has not exited.
     *
     * @param pid the process
     * @param reason the reason
     * @param errno the errno of the call that failed, if one failed
     */
    record Remaining(int pid, String reason, Optional<Errno> errno) {}

    private ProcessGroup(NativePosix posix, int number, long daemonStart, TrackedProcess daemon) {
        this.posix = posix;
        this.number = number;
        this.daemonStart = daemonStart;
        this.daemon = daemon;
    }

    /**
     * Returns the group of a daemon; an empty one if the daemon has exited, or shares its group with others.
     */
    public static ProcessGroup of(TrackedProcess daemon, NativePosix posix) {
        Optional<ProcessStat> stat = ProcessStat.of(daemon.pid()).filter(it -> isItsOwn(it, posix));
        return stat.isEmpty() || daemon.hasEnded()
                ? none(daemon, posix)
                : new ProcessGroup(posix, stat.get().pgid(), stat.get().startTime(), daemon);
    }

    /** Returns a group without other members. */
    static ProcessGroup none(TrackedProcess daemon, NativePosix posix) {
        return new ProcessGroup(posix, NOT_ITS_OWN, 0, daemon);
    }

    /**
     * Returns whether a start has created the group for the daemon. Such a group belongs to a session of its
     * own, without a terminal. The process that has created the session is the daemon, or has exited, or
     * still waits for the daemon's readiness. A program in the foreground of a shell shares the shell's
     * session.
     */
    private static boolean isItsOwn(ProcessStat stat, NativePosix posix) {
        return stat.pgid() > 1 && stat.sid() == stat.pgid() && stat.terminal() == 0
                && (stat.pid() == stat.sid() || isLeftByLeader(stat, posix));
    }

    private static boolean isLeftByLeader(ProcessStat stat, NativePosix posix) {
        Optional<ProcessStat> leader = ProcessStat.of(stat.sid());
        if (leader.isPresent()) {
            return leader.get().hasEnded() || (!leader.get().hasExecuted() && stat.ppid() == stat.sid());
        }
        try {
            posix.getpgid(stat.sid());
            return false; // only hidden from this user
        } catch (PosixException e) {
            if (e.errno().equals(Errno.ESRCH)) {
                return true;
            }
            throw e;
        }
    }

    /**
     * Searches the group for members that are not watched yet. The result is believed only if an anchor is
     * seen afterwards.
     *
     * @throws UncheckedIOException if {@code /proc} cannot be read
     */
    public void scan() {
        prune();
        if (number == NOT_ITS_OWN || !isAnchored()) {
            return;
        }
        Map<Integer, Member> found = new TreeMap<>();
        Map<Integer, Long> foundUnwatched = new TreeMap<>();
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(PROC, "[0-9]*")) {
            for (Path process : processes) {
                int pid = AsciiNumber.parseInt(process.getFileName().toString());
                if (!members.containsKey(pid)) {
                    look(pid, found, foundUnwatched);
                }
            }
        } catch (IOException | DirectoryIteratorException failed) {
            close(found.values());
            IOException cause = failed instanceof IOException e
                    ? e
                    : Objects.requireNonNull(((DirectoryIteratorException) failed).getCause());
            throw new UncheckedIOException(PROC + " cannot be read: " + IoReason.of(cause), cause);
        }
        if (isAnchored()) {
            members.putAll(found);
            unwatched.clear();
            unwatched.putAll(foundUnwatched);
        } else {
            close(found.values());
        }
    }

    private void look(int pid, Map<Integer, Member> found, Map<Integer, Long> foundUnwatched) {
        if (member(pid).isEmpty()) {
            return;
        }
        var watch = TrackedProcess.of(posix, pid);
        // Read before the watch is seen alive, so this is the state of the watched process.
        Optional<ProcessStat> stat = member(pid);
        boolean isMember = stat.isPresent() && !watch.hasEnded();
        if (isMember && watch.hasPidfd()) {
            found.put(pid, new Member(watch));
            return;
        }
        watch.close();
        if (isMember) {
            foundUnwatched.put(pid, stat.get().startTime());
        }
    }

    /**
     * Returns a process if it lives in the group and is not this process: a child of the daemon may stop the
     * daemon. A process that is older than the daemon is not a member.
     */
    private Optional<ProcessStat> member(int pid) {
        return pid == daemon.pid() || pid == number || pid == posix.getpid()
                ? Optional.empty() // the session leader exits by itself when the daemon does
                : ProcessStat.of(pid).filter(this::isInGroup);
    }

    private boolean isInGroup(ProcessStat stat) {
        return stat.pgid() == number && stat.sid() == number && !stat.hasEnded()
                && stat.startTime() >= daemonStart;
    }

    private boolean isAnchored() {
        return isAnchor(daemon) || members.values().stream().anyMatch(member -> isAnchor(member.watch));
    }

    private boolean isAnchor(TrackedProcess watch) {
        return ProcessStat.of(watch.pid()).filter(this::isInGroup).isPresent() && !watch.hasEnded();
    }

    /** Removes the members that have exited. */
    private void prune() {
        members.values().removeIf(member -> {
            boolean hasEnded = member.watch.hasEnded();
            if (hasEnded) {
                ended += member.last.isPresent() ? 1 : 0;
                member.watch.close();
            }
            return hasEnded;
        });
    }

    /**
     * Adds a process as an anchor. The process is known to be a child of the daemon because it has the
     * daemon's lock.
     *
     * @param isKnown whether the process still has the lock; called while the process is watched
     * @return whether the process is in the group
     */
    public boolean adopt(int pid, IntPredicate isKnown) {
        if (number == NOT_ITS_OWN || members.containsKey(pid)) {
            return false;
        }
        Map<Integer, Member> found = new TreeMap<>();
        look(pid, found, new TreeMap<>());
        boolean isOurs =
                isKnown.test(pid) && found.values().stream().anyMatch(member -> isAnchor(member.watch));
        if (isOurs) {
            members.putAll(found);
        } else {
            close(found.values());
        }
        return isOurs;
    }

    /** Sends each member a signal, and SIGCONT after it. */
    public void signal(Signal signal) {
        members.values().forEach(member -> member.signal(signal));
    }

    /**
     * Ends the members, and the processes that they start meanwhile: by a signal, and after a time by
     * SIGKILL.
     *
     * @param signal the signal
     * @param nanoTime the end of that time, on the clock of {@link System#nanoTime}
     * @param killDeadline how long SIGKILL may take
     */
    public void end(Signal signal, long nanoTime, Duration killDeadline) {
        if (!end(signal, nanoTime)) {
            end(Signal.SIGKILL, Deadline.in(killDeadline));
        }
    }

    private boolean end(Signal signal, long nanoTime) {
        while (true) {
            scan();
            signal(signal);
            Optional<Member> next =
                    members.values().stream().filter(member -> member.refusal.isEmpty()).findFirst();
            if (next.isEmpty()) {
                return true;
            }
            if (!next.get().watch.awaitEnd(nanoTime) || System.nanoTime() - nanoTime >= 0) {
                return false;
            }
        }
    }

    /** Returns how many members were signalled and have exited. */
    public int ended() {
        prune();
        return ended;
    }

    /** Returns the members that have not exited. */
    public List<Remaining> remaining() {
        prune();
        List<Remaining> remaining = new ArrayList<>();
        members.forEach((pid, member) -> remaining.add(new Remaining(pid,
                member.refusal.map(PosixException::getMessage).orElse("not ended after SIGKILL"),
                member.refusal.map(PosixException::errno))));
        unwatched.forEach((pid, startTime) -> {
            if (member(pid).filter(stat -> stat.startTime() == startTime).isPresent()) {
                remaining.add(new Remaining(pid, "no pidfd, so not signalled", Optional.empty()));
            }
        });
        return remaining;
    }

    private static void close(Collection<Member> some) {
        some.forEach(member -> member.watch.close());
    }

    /** Stops watching the members. */
    @Override
    public void close() {
        close(members.values());
    }
}
