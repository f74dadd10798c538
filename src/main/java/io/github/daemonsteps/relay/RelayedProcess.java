package io.github.daemonsteps.relay;

import static io.github.daemonsteps.ffm.CFunction.CLOSE;
import static io.github.daemonsteps.ffm.CFunction.DUP2;
import static io.github.daemonsteps.ffm.CFunction.OPEN;
import static io.github.daemonsteps.ffm.CFunction.POLL;
import static io.github.daemonsteps.ffm.CFunction.UNLINK;
import static io.github.daemonsteps.ffm.CFunction._EXIT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.github.daemonsteps.ffm.CallExecutor;
import io.github.daemonsteps.ffm.InterceptedExecutor;
import io.github.daemonsteps.ffm.NativeCall;
import io.github.daemonsteps.ffm.NativePosix;
import io.github.daemonsteps.ffm.NativeValues;
import io.github.daemonsteps.ffm.OwnStack;
import io.github.daemonsteps.ffm.Platform;
import io.github.daemonsteps.ffm.PollRequest;
import io.github.daemonsteps.ffm.PrivilegeCalls;
import io.github.daemonsteps.ffm.libc.pollfd;
import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.CallInterceptor;
import io.github.daemonsteps.posix.CallInterceptor.Place;
import io.github.daemonsteps.posix.Errno;
import io.github.daemonsteps.posix.FlockOperation;
import io.github.daemonsteps.posix.ForkedProcess;
import io.github.daemonsteps.posix.ForkedProcessException;
import io.github.daemonsteps.posix.OpenFlag;
import io.github.daemonsteps.posix.PosixCall;
import io.github.daemonsteps.posix.PosixException;
import io.github.daemonsteps.posix.Signal;
import io.github.daemonsteps.posix.SignalDisposition;
import io.github.daemonsteps.posix.StandardDescriptors;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** A forked process that makes its calls through a relay. */
public final class RelayedProcess extends PrivilegeCalls implements ForkedProcess {

    /** The size of the kernel's struct sigaction: handler, flags, restorer and mask, a word each. */
    private static final long KERNEL_SIGACTION_SIZE = 4 * JAVA_LONG.byteSize();

    /** The size of the kernel's signal set: one bit for each of 64 signals. */
    private static final long KERNEL_SIGSET_SIZE = JAVA_LONG.byteSize();

    /** The time that an abandoned parent waits for the end of its child, which is abandoned too. */
    private static final int CHILD_END_MILLIS = 2_000;

    /** The lowest descriptor. */
    private static final int LOWEST = 0;

    private static final Set<OpenFlag> MAKING =
            Set.of(OpenFlag.O_RDONLY, OpenFlag.O_CREAT, OpenFlag.O_NOFOLLOW, OpenFlag.O_NONBLOCK,
                    OpenFlag.O_NOCTTY, OpenFlag.O_CLOEXEC);

    private final RelayChannel channel;

    private final UnaryOperator<CallExecutor> through;

    private volatile Consumer<PosixCall> listener;

    private RelayedProcess(RelayChannel channel, UnaryOperator<CallExecutor> through,
            Consumer<PosixCall> listener) {
        super(through.apply(channel));
        this.channel = channel;
        this.through = through;
        this.listener = listener;
    }

    public static RelayedProcess fork(Duration deadline, Consumer<PosixCall> listener) {
        return fork(NativePosix.get(), UnaryOperator.identity(), deadline, listener,
                StandardDescriptors.COUNT);
    }

    /**
     * Forks this process. The calls here and in the forked processes go through an interceptor.
     *
     * @param deadline the time limit of each request
     * @param listener receives each call after the call has returned
     * @param interceptor is asked about each call; null for none
     * @param controlFrom the lowest number of the control descriptor
     */
    public static RelayedProcess fork(Duration deadline, Consumer<PosixCall> listener,
            @Nullable CallInterceptor interceptor, int controlFrom) {
        return interceptor == null
                ? fork(NativePosix.get(), UnaryOperator.identity(), deadline, listener, controlFrom)
                : fork(NativePosix.intercepted(interceptor), new InterceptedPlaces(interceptor), deadline,
                        listener, controlFrom);
    }

    /** Wraps the executor of the process that takes the steps, and after that of the leader that stays. */
    private static final class InterceptedPlaces implements UnaryOperator<CallExecutor> {

        private final CallInterceptor interceptor;
        private Place next = Place.CHILD;

        InterceptedPlaces(CallInterceptor interceptor) {
            this.interceptor = interceptor;
        }

        @Override
        public CallExecutor apply(CallExecutor channel) {
            Place place = next;
            next = Place.LEADER;
            return new InterceptedExecutor(place, ((RelayChannel) channel)::pid, channel, interceptor);
        }
    }

    /**
     * Forks this process.
     *
     * @param posix the calls in this process
     * @param through wraps the executor of the calls in the forked process
     * @param deadline the time limit of each request
     * @param listener receives each call after the call has returned
     * @param controlFrom the lowest number of the control descriptor
     */
    static RelayedProcess fork(NativePosix posix, UnaryOperator<CallExecutor> through, Duration deadline,
            Consumer<PosixCall> listener, int controlFrom) {
        if (deadline.isNegative() || deadline.isZero()) {
            throw new IllegalArgumentException("a deadline must be more than zero, not " + deadline);
        }
        return OwnStack.call(new Forking(posix, through, deadline, listener, controlFrom));
    }

    /** The fork, as a record: each launcher would link the type of a lambda that captures an int. */
    private record Forking(NativePosix posix, UnaryOperator<CallExecutor> through, Duration deadline,
            Consumer<PosixCall> listener, int controlFrom) implements Supplier<RelayedProcess> {

        @Override
        public RelayedProcess get() {
            var process =
                    new RelayedProcess(RelayChannel.fork(posix, deadline, controlFrom), through, listener);
            try {
                process.onCall(new PosixCall("fork", List.of(), Integer.toString(process.pid()), null));
                return process;
            } catch (RuntimeException | Error e) { // thrown by the listener
                process.close();
                throw e;
            }
        }
    }

    @Override
    public void setCallListener(Consumer<PosixCall> newListener) {
        listener = newListener;
    }

    @Override
    protected void onCall(PosixCall call) {
        listener.accept(call);
    }

    @Override
    public int pid() {
        return channel.pid();
    }

    @Override
    public int controlFd() {
        return channel.childControl();
    }

    @Override
    public long requestCount() {
        return channel.requestCount();
    }

    @Override
    public boolean isAlive() {
        return channel.isAlive();
    }

    @Override
    public int forkExitingParent() {
        return call(NativeCall.fork(SharedBlock.PARENT_EXITS));
    }

    @Override
    public ForkedProcess forkKeepingParent() {
        return OwnStack.call(this::forkedAndStaying);
    }

    private ForkedProcess forkedAndStaying() {
        RelayChannel staying;
        try (var exchange = begin()) {
            staying = channel.forkKeepingParent(exchange, NativeCall.fork(SharedBlock.PARENT_STAYS),
                    listener);
        }
        var parent = new RelayedProcess(staying, through, call -> {
        });
        try {
            // The inherited descriptor is the parent's alone: the parent's end must show as end of file.
            close(parent.controlFd());
            return parent;
        } catch (RuntimeException | Error e) {
            parent.close();
            throw e;
        }
    }

    @Override
    public void unlinkOnLauncherDeath(int fd, CString path, CString... companions) {
        requireLength(path, companions);
        try (var _ = channel.begin()) {
            SegmentAllocator strings = channel.clearLauncherDeathCalls();
            List<NativeCall> calls = new ArrayList<>();
            calls.add(new NativeCall(DUP2).argument(fd).argument(LOWEST)); // fails if fd is not open
            calls.add(new NativeCall(CLOSE).argument(fd));
            calls.add(new NativeCall(CLOSE).argument(LOWEST));
            calls.addAll(unlinkCalls(LOWEST, path, companions, strings));
            channel.setLauncherDeathCalls(calls);
        }
    }

    @Override
    public void unlinkOnLauncherDeath(int fd, int pidfd, CString path, CString... companions) {
        requireLength(path, companions);
        try (var _ = channel.begin()) {
            SegmentAllocator strings = channel.clearLauncherDeathCalls();
            MemorySegment request = strings.allocate(pollfd.sizeof(), JAVA_LONG.byteAlignment());
            PollRequest.write(request, pidfd);
            List<NativeCall> calls = new ArrayList<>();
            calls.add(new NativeCall(POLL).buffer(request).argument(1).argument(CHILD_END_MILLIS));
            calls.addAll(unlinkCalls(fd, path, companions, strings));
            channel.setLauncherDeathCalls(calls);
        }
    }

    /**
     * Returns the calls that open the file with the name and remove the name if they acquire the lock. The
     * name may already belong to a successor. The process makes the calls until one fails. So each companion
     * is created before it is removed, and the removal does not fail.
     *
     * @param fd the lowest descriptor that is free
     */
    private List<NativeCall> unlinkCalls(int fd, CString path, CString[] companions,
            SegmentAllocator strings) {
        List<NativeCall> calls = new ArrayList<>();
        calls.add(openCall(path, OpenFlag.guarded(OpenFlag.O_RDONLY), strings));
        calls.add(flockCall(fd, FlockOperation.LOCK_EX));
        for (CString companion : companions) {
            calls.add(openCall(companion, MAKING, strings));
            calls.add(new NativeCall(UNLINK).string(companion, strings));
        }
        calls.add(new NativeCall(UNLINK).string(path, strings));
        return calls;
    }

    private static NativeCall openCall(CString path, Set<OpenFlag> flags, SegmentAllocator strings) {
        return new NativeCall(OPEN).string(path, strings)
                .argument(NativeValues.bits(flags), OpenFlag.text(flags))
                .hidden(0600);
    }

    private static void requireLength(CString path, CString[] companions) {
        if (companions.length > SharedBlock.MAX_COMPANIONS) {
            throw new IllegalArgumentException("a file has at most " + SharedBlock.MAX_COMPANIONS
                    + " companions, not " + companions.length);
        }
        List<CString> paths = new ArrayList<>(List.of(companions));
        paths.add(path);
        for (CString each : paths) {
            if (each.length() >= CString.PATH_MAX) {
                throw new PosixException(
                        new PosixCall("unlink", List.of(each.quoted()), "-1", Errno.ENAMETOOLONG));
            }
        }
    }

    @Override
    public void cancelUnlinkOnLauncherDeath() {
        try (var _ = channel.begin()) {
            channel.clearLauncherDeathCalls();
        }
    }

    /**
     * Returns a call that also reaches the two signals that the C library reserves. The library does not let
     * a program change these signals. Yet in a process that the library spawns (a JVM started by
     * posix_spawn(3), for example) it ignores them. A daemon's program must not inherit this setting, and the
     * forked process does not need these signals any more.
     */
    @Override
    public NativeCall signalCall(Signal signal, SignalDisposition disposition,
            CallExecutor.CallScope memory) {
        if (!signal.isKeptByLibrary()) {
            return super.signalCall(signal, disposition, memory);
        }
        MemorySegment action =
                memory.allocate(KERNEL_SIGACTION_SIZE, JAVA_LONG.byteAlignment()).fill((byte) 0);
        action.set(JAVA_LONG, 0, NativeValues.handler(disposition));
        return NativeCall.systemCall("rt_sigaction", Platform.current().SYS_rt_sigaction())
                .argument(signal.number(), signal.name())
                .argument(action.address(), disposition.name())
                .argument(0, "NULL")
                .argument(KERNEL_SIGSET_SIZE);
    }

    @Override
    public void _exit(int status) {
        // The process exits by itself, so its group stays, even if the process must be killed.
        channel.disownGroup();
        call(new NativeCall(_EXIT).argument(status));
        channel.close(); // the process has exited, whatever the call returns
    }

    @Override
    public void execve(CString path, List<CString> arguments, List<CString> environment) {
        super.execve(path, arguments, environment);
        if (channel.isOpen()) {
            throw new ForkedProcessException(
                    "execve(" + path.quoted() + ", ...): returned without an error");
        }
    }

    @Override
    public void close() {
        channel.failIfCalledByListener();
        OwnStack.run(channel::close);
    }
}
