package io.github.daemonsteps.relay;

import io.github.daemonsteps.ffm.CFunction;
import io.github.daemonsteps.ffm.CallExecutor;
import io.github.daemonsteps.ffm.NativeCall;
import io.github.daemonsteps.ffm.NativePosix;
import io.github.daemonsteps.posix.Deadline;
import io.github.daemonsteps.posix.Errno;
import io.github.daemonsteps.posix.ForkedProcessException;
import io.github.daemonsteps.posix.PosixCall;
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
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The launcher's side of a relay. A channel requests calls of the forked process, one request at a time, and
 * controls the end of that process.
 *
 * <p>A channel has a control socket and a {@link SharedBlock}. The socket carries one byte for each request
 * and one for each reply; the block contains the requested calls. End of file on the socket ends the other
 * side, whichever side that is.
 */
final class RelayChannel implements CallExecutor {

    /**
     * The time limit for the end of a process after SIGKILL. A process that exceeds the limit hangs in the
     * kernel.
     */
    private static final Duration END_DEADLINE = Duration.ofSeconds(30);

    /** The time that a process hidden from this user may take from end of file to its end. */
    private static final Duration HIDDEN_DEADLINE = Duration.ofSeconds(1);

    private final NativePosix posix;
    private final Duration deadline;
    private final RelayConnection line;
    private final ReentrantLock lock = new ReentrantLock();
    /**
     * The connection for a parent that stays when the process forks; null once a parent uses the connection.
     */
    private @Nullable RelayConnection spare;
    /** The process that serves this channel. Each fork replaces the process. */
    private volatile TrackedProcess watch;
    /**
     * Tells whether the process leads its group. The number of a living leader belongs to its group, so a
     * signal to that number hits no other group.
     */
    private boolean leadsItsGroup;
    /** The reason why the channel is closed to requests; null while the channel is open. */
    private @Nullable String closed;
    /**
     * Tells whether a request was sent and its reply was not yet read. If that is still so at the next
     * request, the reply is unknown.
     */
    private boolean underWay;
    /** The number of requests. */
    private final AtomicLong requestCount = new AtomicLong();

    private RelayChannel(NativePosix posix, Duration deadline, RelayConnection line,
            @Nullable RelayConnection spare,
            TrackedProcess watch) {
        this.posix = posix;
        this.deadline = Deadline.capped(deadline);
        this.line = line;
        this.spare = spare;
        this.watch = watch;
    }

    /**
     * Forks this process into a relay.
     *
     * @param first the lowest descriptor that the forked process may use for its control socket
     */
    static RelayChannel fork(NativePosix posix, Duration deadline, int first) {
        RelayConnection.Forked forked = RelayConnection.fork(posix, first);
        return new RelayChannel(posix, deadline, forked.line(), forked.spare(),
                TrackedProcess.of(posix, forked.pid()));
    }

    /** Returns the id of the process that serves this channel. Does not wait for a running request. */
    int pid() {
        return watch.pid();
    }

    /** Returns the forked process's end of the control socket. */
    int childControl() {
        return line.childControl();
    }

    /** Returns the number of requests. */
    long requestCount() {
        return requestCount.get();
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
        failIfCalledByListener();
        // Created before the lock is acquired: nothing may fail between lock and return.
        var exchange = new InForkedProcess(line.block().strings());
        lock.lock();
        if (underWay && closed == null) {
            try {
                end("the forked process " + watch.pid() + " was killed: a request was aborted");
            } catch (RuntimeException | Error e) {
                lock.unlock();
                throw e;
            }
        }
        if (closed != null) {
            lock.unlock();
            throw new ForkedProcessException(closed);
        }
        return exchange;
    }

    /** Ends the process, if this channel still controls it, and frees all its resources. */
    void close() {
        failIfCalledByListener();
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
     * Throws if a listener of this channel is running. A listener receives a call before the caller reads the
     * result from the block. Another request would overwrite the result.
     */
    void failIfCalledByListener() {
        if (lock.isHeldByCurrentThread()) {
            throw new IllegalStateException("a listener cannot use the process that it listens to");
        }
    }

    /**
     * A request: the memory of its calls, the lock that keeps other requests out, and the exchange with the
     * process.
     */
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
        public void execute(List<NativeCall> calls) {
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

        /** Sends a request and reads the reply. Returns whether another request is useful. */
        private boolean answered(List<NativeCall> request) {
            NativeCall last = request.getLast();
            line.block().request(request);
            underWay = true;
            requestCount.incrementAndGet();
            if (roundTrip(last)) {
                line.block().reply(request);
                updateAfter(last);
                underWay = false;
                return !NativeCall.anyFailed(request);
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
            String how = end("the forked process " + watch.pid() + " has ended; its last call was " + call);
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
     * Forks the process and goes on with its child. The parent stays, and the returned channel controls it.
     *
     * @param exchange an exchange of this channel
     * @param fork the call that forks
     * @param listener receives the call when it has returned
     * @return the channel of the parent
     * @throws IllegalStateException if a parent already stays
     */
    RelayChannel forkKeepingParent(CallScope exchange, NativeCall fork, Consumer<PosixCall> listener) {
        RelayConnection line = spare;
        if (line == null) {
            throw new IllegalStateException(
                    "the forked process " + watch.pid() + " already has a parent that stays");
        }
        TrackedProcess parent = watch;
        boolean parentLeads = leadsItsGroup;
        exchange.execute(List.of(fork));
        if (fork.failed()) {
            listener.accept(fork.toPosixCall());
            throw new PosixException(fork.toPosixCall());
        }
        spare = null;
        var staying = new RelayChannel(posix, deadline, line, null, parent);
        staying.leadsItsGroup = parentLeads;
        try {
            listener.accept(fork.toPosixCall());
        } catch (RuntimeException | Error e) { // thrown by the listener
            staying.close();
            throw e;
        }
        return staying;
    }

    /**
     * Cancels the calls that the process makes if this JVM dies. The caller has begun an exchange.
     *
     * @return memory for the strings of other calls, which overwrite those of the cancelled calls
     */
    SegmentAllocator clearLauncherDeathCalls() {
        line.block().clearLauncherDeathCalls();
        VarHandle.releaseFence();
        return line.block().launcherDeathStrings();
    }

    /**
     * Sets the calls that the process makes if this JVM dies before the process is another program. The
     * process makes the calls in order, until one fails, and then exits. The caller has cleared the earlier
     * calls in the same exchange.
     */
    void setLauncherDeathCalls(List<NativeCall> calls) {
        line.block().setLauncherDeathCalls(calls);
    }

    /** Updates the state of this channel after a successful call. */
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
     * Switches this channel to the child after a fork. Unless the parent stays, the parent must have ended
     * before any result of the child is reported.
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
     * Sends the request and waits for the reply. Returns false if the process has ended instead, or has
     * become another program.
     */
    private boolean roundTrip(NativeCall call) {
        long until = Deadline.in(deadline);
        try {
            if (!posix.sendByte(line.controlFd())) {
                return killAndThrow(call, "the request could not be sent");
            }
            return switch (posix.poll(until, line.controlFd(), watch.pidfd())) {
                case 0 -> posix.read(line.controlFd(), 1).length == 1; // a reply, or end of file
                case 1 -> false;
                default -> killAndThrow(call, "no answer within " + deadline.toMillis() + " ms");
            };
        } catch (PosixException e) {
            // The process has ended, or has not read the last request.
            if (e.errno().equals(Errno.EPIPE) || e.errno().equals(Errno.ECONNRESET)) {
                return false;
            }
            // The state of the process is unknown now. Its next reply would be taken for that of another
            // request.
            end(call.text() + ": " + e.getMessage());
            throw e;
        }
    }

    private boolean killAndThrow(NativeCall call, String why) {
        String message = call.text() + ": the forked process " + watch.pid() + " was killed: " + why;
        end(message);
        throw new ForkedProcessException(message);
    }

    /**
     * Returns whether the kernel reports that the process has become another program. The end of file looks
     * the same as that of a killed process.
     */
    private boolean hasExecuted() {
        Optional<ProcessStat> stat = ProcessStat.of(watch.pid());
        if (stat.isPresent()) {
            return stat.get().hasExecuted();
        }
        // The process is gone, or hidden from this user. A killed process ends soon; a process that lives on
        // has executed.
        return !watch.awaitEnd(Deadline.in(HIDDEN_DEADLINE));
    }

    /**
     * Kills the process, and its group if it leads one. Then reaps the process and frees its resources.
     *
     * @return how the process ended
     */
    private String end(String why) {
        closed = why;
        boolean ended = false;
        try {
            // The group is killed only while its leader lives. After that, both numbers can belong to another
            // process.
            if (leadsItsGroup && !watch.awaitEnd(System.nanoTime())) {
                killGroup();
            }
        } finally {
            closeLines(); // end of file also ends the process, unless it hangs in a call
            try {
                watch.kill();
                ended = watch.awaitEnd(Deadline.in(END_DEADLINE));
                watch.reap();
            } finally {
                watch.close();
                freeBlocks();
            }
        }
        return ended ? watch.end() : "has not exited after SIGKILL";
    }

    /** Kills the group: a fork without a reply may have left a child in it. */
    private void killGroup() {
        try {
            posix.kill(-watch.pid(), Signal.SIGKILL);
        } catch (PosixException e) {
            if (!e.errno().equals(Errno.ESRCH)) {
                throw e;
            }
        }
    }

    /**
     * Returns whether the process still waits for requests. After a successful execve the channel must not be
     * open.
     */
    boolean isOpen() {
        lock.lock();
        try {
            return closed == null;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Detaches the group from this channel. The process exits by itself from now on, and other processes in
     * its group stay.
     */
    void disownGroup() {
        lock.lock();
        try {
            leadsItsGroup = false;
        } finally {
            lock.unlock();
        }
    }

    /** Detaches the process, which is now another program and lives on without this channel. */
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
