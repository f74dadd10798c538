package io.github.daemonsteps.posix;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The launcher's side of a relay: asks the forked process for calls, one request at a time, and answers for
 * its end.
 *
 * <p>It has a control socket, over which a byte goes for each request and one for each reply, and a {@link
 * RelayBlock}, which says what is asked. End of file on the socket ends the other side, whichever that is.
 */
final class RelayChannel implements Invoker {

    /** A process that does not end within this time of a SIGKILL hangs in the kernel. */
    private static final Duration END_DEADLINE = Duration.ofSeconds(30);

    /** How long a process that cannot be seen may take from end of file to its end. */
    private static final Duration HIDDEN_DEADLINE = Duration.ofSeconds(1);

    /** As good as for ever, and far from where nanoseconds overflow. */
    private static final Duration LONGEST_DEADLINE = Duration.ofDays(365);

    /**
     * The launcher's ends of all control sockets of this JVM; held while one is made, closed, and while
     * forking. So every child knows all those that it inherits and closes them first. One that stayed open in
     * a sibling would keep that from ever seeing end of file.
     */
    private static final Set<Integer> LAUNCHER_ENDS = new LinkedHashSet<>();

    private final NativePosix posix;
    private final Duration deadline;
    private final RelayBlock block;
    private final int control;
    private final int childControl;
    private final ReentrantLock lock = new ReentrantLock();
    /** The process that serves this channel; another one after each fork. */
    private volatile ProcessWatch watch;
    /**
     * While it does, and lives, its group's number is its own: nobody else can be hit by it.
     */
    private boolean leadsItsGroup;
    /** Why there are no more requests; null as long as there are. */
    private @Nullable String closed;

    private RelayChannel(NativePosix posix, Duration deadline, RelayBlock block, int control,
            int childControl, int pid) {
        this.posix = posix;
        this.deadline = deadline.compareTo(LONGEST_DEADLINE) > 0 ? LONGEST_DEADLINE : deadline;
        this.block = block;
        this.control = control;
        this.childControl = childControl;
        this.watch = ProcessWatch.of(posix, pid);
    }

    /** Forks this process into a relay. */
    static RelayChannel fork(NativePosix posix, Duration deadline) {
        Relay relay = Relay.get();
        synchronized (LAUNCHER_ENDS) {
            Posix.Pipe sockets = controlSockets(posix);
            int mine = sockets.readEnd();
            int theirs = sockets.writeEnd();
            RelayBlock block = null;
            boolean forked = false;
            try {
                List<Integer> ends = new ArrayList<>(LAUNCHER_ENDS);
                ends.add(mine);
                block = new RelayBlock(posix, ends);
                block.control(theirs);
                int pid = relay.fork(block);
                if (pid < 0) {
                    throw new PosixException(new PosixCall("fork", List.of(), "-1", Errno.of(-pid)));
                }
                forked = true;
                LAUNCHER_ENDS.add(mine);
                return new RelayChannel(posix, deadline, block, mine, theirs, pid);
            } finally {
                posix.close(theirs);
                if (!forked) {
                    posix.close(mine);
                    if (block != null) {
                        block.free();
                    }
                }
            }
        }
    }

    /**
     * A launcher may itself run without 0, 1 or 2, but these numbers belong to the daemon: the child's end is
     * above them.
     */
    private static Posix.Pipe controlSockets(NativePosix posix) {
        Posix.Pipe sockets = posix.socketpair();
        if (sockets.writeEnd() > 2) {
            return sockets;
        }
        try {
            int above = posix.fcntl(sockets.writeEnd(), DescriptorCommand.F_DUPFD_CLOEXEC, 3);
            return new Posix.Pipe(sockets.readEnd(), above);
        } catch (PosixException tooMany) {
            posix.close(sockets.readEnd());
            throw tooMany;
        } finally {
            posix.close(sockets.writeEnd());
        }
    }

    /** The process that serves this channel. Does not wait for a request that is under way. */
    int pid() {
        return watch.pid();
    }

    /** The forked process's end of the control socket. */
    int childControl() {
        return childControl;
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
    public Exchange begin() {
        refuseListener();
        lock.lock();
        if (closed != null) {
            lock.unlock();
            throw new ForkedProcessException(closed);
        }
        return new InForkedProcess(block.strings());
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
    private void refuseListener() {
        if (lock.isHeldByCurrentThread()) {
            throw new IllegalStateException("a listener cannot use the process that it listens to");
        }
    }

    /** A request: what its calls need, the lock that keeps other requests away, and sending it. */
    private final class InForkedProcess implements Exchange {

        private final SegmentAllocator strings;

        InForkedProcess(SegmentAllocator strings) {
            this.strings = strings;
        }

        @Override
        public MemorySegment allocate(long byteSize, long byteAlignment) {
            return strings.allocate(byteSize, byteAlignment);
        }

        @Override
        public void make(List<CCall> calls) {
            for (CCall call : calls) {
                if (!call.function().allowedInChild()) {
                    throw new AssertionError(call.function() + " is not safe between fork and exec");
                }
            }
            for (int from = 0; from < calls.size(); from += RelayBlock.MOST_CALLS) {
                List<CCall> request =
                        calls.subList(from, Math.min(calls.size(), from + RelayBlock.MOST_CALLS));
                if (!answered(request)) {
                    return;
                }
            }
        }

        /** Sends a request and reads the reply. Returns whether there is any use in another one. */
        private boolean answered(List<CCall> request) {
            CCall last = request.getLast();
            block.request(request);
            if (roundTrip(last)) {
                block.reply(request);
                settle(last);
                return request.stream().noneMatch(CCall::failed);
            }
            if (last.function() == CFunction.EXECVE && hasExecuted()) {
                last.made(0, 0);
                release();
                return false;
            }
            if (last.function() == CFunction._EXIT) {
                last.made(0, 0);
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

    /** What a successful call changes in whom we deal with. */
    private void settle(CCall call) {
        if (!call.wasMade() || call.failed()) {
            return;
        }
        if (call.function() == CFunction.SETSID) {
            leadsItsGroup = true;
        } else if (call.function() == CFunction.FORK) {
            follow((int) call.result(), call);
        }
    }

    /**
     * The process has forked: its parent, which we have dealt with until now, must have ended before anything
     * is said of the child.
     */
    private void follow(int child, CCall fork) {
        if (!watch.awaitEnd(System.nanoTime() + deadline.toNanos())) {
            giveUp(fork, "its parent did not exit");
        }
        watch.reap();
        watch.close();
        leadsItsGroup = false;
        watch = ProcessWatch.of(posix, child);
    }

    /**
     * Sends the request and waits for the reply. False if the process has ended instead, or become another
     * program.
     */
    private boolean roundTrip(CCall call) {
        long until = System.nanoTime() + deadline.toNanos();
        try {
            posix.sendByte(control);
        } catch (PosixException gone) {
            if (gone.errno().equals(Errno.EPIPE)) {
                return false;
            }
            throw gone;
        }
        return switch (posix.poll(until, control, watch.pidfd())) {
            case 0 -> readReply();
            case 1 -> false;
            default -> giveUp(call, "it did not answer within " + deadline.toMillis() + " ms");
        };
    }

    /** A byte is a reply. End of file, or a reset when our last request was not read, is the end. */
    private boolean readReply() {
        try {
            return posix.read(control, 1).length == 1;
        } catch (PosixException reset) {
            if (reset.errno().equals(Errno.ECONNRESET)) {
                return false;
            }
            throw reset;
        }
    }

    private boolean giveUp(CCall call, String why) {
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
        return !watch.awaitEnd(System.nanoTime() + HIDDEN_DEADLINE.toNanos());
    }

    /**
     * Ends the process and its group, if it leads one, reaps it and frees what belongs to it. Says how it
     * ended.
     */
    private String end(String why) {
        closed = why;
        // Only while it lives: its number is its group's, and once it is gone both can be a stranger's.
        if (leadsItsGroup && !watch.awaitEnd(System.nanoTime())) {
            killGroup();
        }
        closeControl();
        watch.kill();
        boolean ended = watch.awaitEnd(System.nanoTime() + END_DEADLINE.toNanos());
        watch.reap();
        watch.close();
        block.free();
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

    /** It is another program now, and goes its own way. */
    private void release() {
        closed = "the forked process " + watch.pid() + " has become another program";
        closeControl();
        watch.close();
        block.free();
    }

    private void closeControl() {
        synchronized (LAUNCHER_ENDS) {
            LAUNCHER_ENDS.remove(control);
            posix.close(control);
        }
    }
}
