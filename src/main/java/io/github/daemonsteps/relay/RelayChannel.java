package io.github.daemonsteps.relay;

import io.github.daemonsteps.ffm.CFunction;
import io.github.daemonsteps.ffm.CallExecutor;
import io.github.daemonsteps.ffm.NativeCall;
import io.github.daemonsteps.ffm.NativePosix;
import io.github.daemonsteps.posix.Deadline;
import io.github.daemonsteps.posix.Errno;
import io.github.daemonsteps.posix.ForkedProcessException;
import io.github.daemonsteps.posix.PosixException;
import io.github.daemonsteps.posix.Signal;
import io.github.daemonsteps.procfs.ProcessStat;
import io.github.daemonsteps.procfs.TrackedProcess;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The launcher's side of a relay: asks the forked process for calls, one request at a time, and answers for
 * its end.
 *
 * <p>It has a control socket, over which a byte goes for each request and one for each reply, and a {@link
 * SharedBlock}, which says what is asked. End of file on the socket ends the other side, whichever that is.
 */
final class RelayChannel implements CallExecutor {

    /** A process that does not end within this time of a SIGKILL hangs in the kernel. */
    private static final Duration END_DEADLINE = Duration.ofSeconds(30);

    /** How long a process that cannot be seen may take from end of file to its end. */
    private static final Duration HIDDEN_DEADLINE = Duration.ofSeconds(1);

    private final NativePosix posix;
    private final Duration deadline;
    private final RelayConnection line;
    private final ReentrantLock lock = new ReentrantLock();
    /** For a parent that stays when the process forks; null once that has been made use of. */
    private @Nullable RelayConnection spare;
    /** The process that serves this channel; another one after each fork. */
    private volatile TrackedProcess watch;
    /**
     * While it does, and lives, its group's number is its own: nobody else can be hit by it.
     */
    private boolean leadsItsGroup;
    /** Why there are no more requests; null as long as there are. */
    private @Nullable String closed;
    /** From before a request is sent until its reply has been taken in. Still so at the next one, its reply is not known. */
    private boolean underWay;

    private RelayChannel(NativePosix posix, Duration deadline, RelayConnection line,
            @Nullable RelayConnection spare,
            TrackedProcess watch) {
        this.posix = posix;
        this.deadline = Deadline.capped(deadline);
        this.line = line;
        this.spare = spare;
        this.watch = watch;
    }

    /** Forks this process into a relay. */
    static RelayChannel fork(NativePosix posix, Duration deadline) {
        RelayConnection.Forked forked = RelayConnection.fork(posix);
        return new RelayChannel(posix, deadline, forked.line(), forked.spare(),
                TrackedProcess.of(posix, forked.pid()));
    }

    /** The process that serves this channel. Does not wait for a request that is under way. */
    int pid() {
        return watch.pid();
    }

    /** The forked process's end of the control socket. */
    int childControl() {
        return line.childControl();
    }

    boolean isAlive() {
        lock.lock();
        try {
            return closed == null && !watch.awaitEnd(System.nanoTime());
        } finally {
            lock.unlock();
        }
    }

    @Override
    public CallScope begin() {
        refuseListener();
        var exchange = new InForkedProcess(line.block().strings()); // between locking and returning nothing can fail
        lock.lock();
        if (underWay && closed == null) {
            try {
                end("the forked process " + watch.pid() + " was given up: a request was broken off");
            } catch (RuntimeException | Error failed) {
                lock.unlock();
                throw failed;
            }
        }
        if (closed != null) {
            lock.unlock();
            throw new ForkedProcessException(closed);
        }
        return exchange;
    }

    /** Ends the process, if it is still ours, and frees all that belongs to it. */
    void close() {
        refuseListener();
        lock.lock();
        try {
            if (closed == null) {
                end("the forked process " + watch.pid() + " has been closed");
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * A listener is told of a call before its result has been read from the block: no time to overwrite that.
     */
    void refuseListener() {
        if (lock.isHeldByCurrentThread()) {
            throw new IllegalStateException("a listener cannot use the process that it listens to");
        }
    }

    /** A request: what its calls need, the lock that keeps other requests away, and sending it. */
    private final class InForkedProcess implements CallScope {

        private final SegmentAllocator strings;

        InForkedProcess(SegmentAllocator strings) {
            this.strings = strings;
        }

        @Override
        public MemorySegment allocate(long byteSize, long byteAlignment) {
            return strings.allocate(byteSize, byteAlignment);
        }

        @Override
        public void make(List<NativeCall> calls) {
            for (NativeCall call : calls) {
                if (!call.function().allowedInChild()) {
                    throw new AssertionError(call.function() + " is not safe between fork and exec");
                }
            }
            for (int from = 0; from < calls.size(); from += SharedBlock.MAX_CALLS) {
                List<NativeCall> request =
                        calls.subList(from, Math.min(calls.size(), from + SharedBlock.MAX_CALLS));
                if (!answered(request)) {
                    return;
                }
            }
        }

        /** Sends a request and reads the reply. Returns whether there is any use in another one. */
        private boolean answered(List<NativeCall> request) {
            NativeCall last = request.getLast();
            line.block().request(request);
            underWay = true;
            if (roundTrip(last)) {
                line.block().reply(request);
                updateAfter(last);
                underWay = false;
                return request.stream().noneMatch(NativeCall::failed);
            }
            if (last.function() == CFunction.EXECVE && hasExecuted()) {
                last.complete(0, 0);
                detach();
                return false;
            }
            if (last.function() == CFunction._EXIT) {
                last.complete(0, 0);
                watch.awaitEnd(Deadline.in(deadline));
            }
            String call = last.text();
            String how = end("the forked process " + watch.pid() + " is no more: its last call was " + call);
            if (last.function() != CFunction._EXIT) {
                throw new ForkedProcessException(call + ": the forked process " + watch.pid() + " " + how);
            }
            return false;
        }

        @Override
        public void close() {
            lock.unlock();
        }
    }

    /**
     * The process forks and goes on as its child; the parent stays, and is led by the channel returned.
     *
     * @param exchange one of this channel's
     * @throws IllegalStateException if a parent stays already
     */
    RelayChannel forkKeepingParent(CallScope exchange, NativeCall fork, Consumer<NativeCall> tell) {
        RelayConnection line = spare;
        if (line == null) {
            throw new IllegalStateException(
                    "the forked process " + watch.pid() + " has a parent that stays");
        }
        TrackedProcess parent = watch;
        boolean parentLeads = leadsItsGroup;
        exchange.make(List.of(fork));
        if (fork.failed()) {
            tell.accept(fork);
            throw new PosixException(fork.toPosixCall());
        }
        spare = null;
        var staying = new RelayChannel(posix, deadline, line, null, parent);
        staying.leadsItsGroup = parentLeads;
        try {
            tell.accept(fork);
        } catch (RuntimeException | Error thrownByListener) {
            staying.close();
            throw thrownByListener;
        }
        return staying;
    }

    /**
     * If this JVM dies before the process is another program, the process makes these calls before it ends, until one
     * fails. None, if there are no such calls.
     *
     * @param calls makes them, with memory for their strings
     */
    void setLauncherDeathCalls(Function<SegmentAllocator, List<NativeCall>> calls) {
        try (var _ = begin()) {
            line.block().clearLauncherDeathCalls(); // the strings of the one before are about to be overwritten
            VarHandle.releaseFence();
            line.block().setLauncherDeathCalls(calls.apply(line.block().launcherDeathStrings()));
        }
    }

    /** What a successful call changes in whom we deal with. */
    private void updateAfter(NativeCall call) {
        if (!call.isCompleted() || call.failed()) {
            return;
        }
        if (call.function() == CFunction.SETSID) {
            leadsItsGroup = true;
        } else if (call.function() == CFunction.FORK) {
            switchToChild((int) call.result(), call);
        }
    }

    /**
     * The process has forked: its parent, which we have dealt with until now, must have ended before anything
     * is said of the child, unless it is to stay.
     */
    private void switchToChild(int child, NativeCall fork) {
        if (fork.parent() == SharedBlock.PARENT_EXITS) {
            awaitExit(fork);
        }
        leadsItsGroup = false;
        watch = TrackedProcess.of(posix, child);
    }

    private void awaitExit(NativeCall fork) {
        if (!watch.awaitEnd(Deadline.in(deadline))) {
            killAndThrow(fork, "its parent did not exit");
        }
        watch.reap();
        watch.close();
    }

    /**
     * Sends the request and waits for the reply. False if the process has ended instead, or become another
     * program.
     */
    private boolean roundTrip(NativeCall call) {
        long until = Deadline.in(deadline);
        try {
            if (!posix.sendByte(line.controlFd())) {
                return killAndThrow(call, "the request could not be sent");
            }
            return switch (posix.poll(until, line.controlFd(), watch.pidfd())) {
                case 0 -> posix.read(line.controlFd(), 1).length == 1; // a reply, or the end
                case 1 -> false;
                default -> killAndThrow(call, "it did not answer within " + deadline.toMillis() + " ms");
            };
        } catch (PosixException failed) {
            // Nobody is there to be asked, or has not read the last request.
            if (failed.errno().equals(Errno.EPIPE) || failed.errno().equals(Errno.ECONNRESET)) {
                return false;
            }
            // What it does now is not known any more, and the next reply would be taken for that of another request.
            end(call.text() + ": " + failed.getMessage());
            throw failed;
        }
    }

    private boolean killAndThrow(NativeCall call, String why) {
        String message = call.text() + ": the forked process " + watch.pid() + " was given up: " + why;
        end(message);
        throw new ForkedProcessException(message);
    }

    /**
     * Whether it has become another program, as the kernel says: its end of file looks the same as that of a
     * process that was killed.
     */
    private boolean hasExecuted() {
        Optional<ProcessStat> stat = ProcessStat.of(watch.pid());
        if (stat.isPresent()) {
            return stat.get().hasExecuted();
        }
        // It is gone, or hidden from this user. What has been killed ends soon; what lives on has executed.
        return !watch.awaitEnd(Deadline.in(HIDDEN_DEADLINE));
    }

    /**
     * Ends the process and its group, if it leads one, reaps it and frees what belongs to it. Says how it
     * ended.
     */
    private String end(String why) {
        closed = why;
        boolean ended = false;
        try {
            // Only while it lives: its number is its group's, and once it is gone both can be a stranger's.
            if (leadsItsGroup && !watch.awaitEnd(System.nanoTime())) {
                killGroup();
            }
        } finally {
            closeLines(); // which ends it too, unless it hangs in a call
            try {
                watch.kill();
                ended = watch.awaitEnd(Deadline.in(END_DEADLINE));
                watch.reap();
            } finally {
                watch.close();
                freeBlocks();
            }
        }
        return ended ? watch.end() : "does not end, though it was sent SIGKILL";
    }

    /** A fork whose reply never came can have left a child in the group. */
    private void killGroup() {
        try {
            posix.kill(-watch.pid(), Signal.SIGKILL);
        } catch (PosixException gone) {
            if (!gone.errno().equals(Errno.ESRCH)) {
                throw gone;
            }
        }
    }

    /**
     * Whether the process still waits for requests. Asked where it should not: behind an execve that has succeeded.
     */
    boolean isOpen() {
        lock.lock();
        try {
            return closed == null;
        } finally {
            lock.unlock();
        }
    }

    /** It ends by itself from now on, and whoever is left in its group stays. */
    void disownGroup() {
        lock.lock();
        try {
            leadsItsGroup = false;
        } finally {
            lock.unlock();
        }
    }

    /** It is another program now, and goes its own way. */
    private void detach() {
        closed = "the forked process " + watch.pid() + " has become another program";
        closeLines();
        watch.close();
        freeBlocks();
    }

    private void closeLines() {
        line.close(posix);
        if (spare != null) {
            spare.close(posix);
        }
    }

    private void freeBlocks() {
        line.block().free();
        if (spare != null) {
            spare.block().free();
            spare = null;
        }
    }
}
