package io.github.daemonsteps.relay;

import static io.github.daemonsteps.ffm.CFunction.CLOSE;
import static io.github.daemonsteps.ffm.CFunction.DUP2;
import static io.github.daemonsteps.ffm.CFunction.OPEN;
import static io.github.daemonsteps.ffm.CFunction.POLL;
import static io.github.daemonsteps.ffm.CFunction.UNLINK;
import static io.github.daemonsteps.ffm.CFunction._EXIT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.github.daemonsteps.ffm.CCall;
import io.github.daemonsteps.ffm.Invoker;
import io.github.daemonsteps.ffm.NativePosix;
import io.github.daemonsteps.ffm.NativeValues;
import io.github.daemonsteps.ffm.OwnStack;
import io.github.daemonsteps.ffm.Platform;
import io.github.daemonsteps.ffm.PrivilegeCalls;
import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.Disposition;
import io.github.daemonsteps.posix.Errno;
import io.github.daemonsteps.posix.ForkedProcess;
import io.github.daemonsteps.posix.ForkedProcessException;
import io.github.daemonsteps.posix.Lock;
import io.github.daemonsteps.posix.OpenFlag;
import io.github.daemonsteps.posix.PosixCall;
import io.github.daemonsteps.posix.PosixException;
import io.github.daemonsteps.posix.Signal;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/** A forked process that makes its calls through a relay. */
public final class RelayedProcess extends PrivilegeCalls implements ForkedProcess {

    /** The kernel's struct sigaction: handler, flags, restorer and mask, a word each. */
    private static final long KERNEL_SIGACTION_SIZE = 4 * JAVA_LONG.byteSize();

    /** The kernel's set of signals: one bit for each of 64. */
    private static final long KERNEL_SIGSET_SIZE = JAVA_LONG.byteSize();

    /** How long a parent that is abandoned waits for the end of its child, which is abandoned too. */
    private static final int CHILD_END_MILLIS = 2_000;

    /** Of all descriptors. */
    private static final int LOWEST = 0;

    private static final Set<OpenFlag> MAKING =
            Set.of(OpenFlag.O_RDONLY, OpenFlag.O_CREAT, OpenFlag.O_NOFOLLOW, OpenFlag.O_NONBLOCK,
                    OpenFlag.O_NOCTTY, OpenFlag.O_CLOEXEC);

    private final RelayChannel channel;

    private final UnaryOperator<Invoker> through;

    private volatile Consumer<PosixCall> listener;

    private RelayedProcess(RelayChannel channel, UnaryOperator<Invoker> through,
            Consumer<PosixCall> listener) {
        super(through.apply(channel));
        this.channel = channel;
        this.through = through;
        this.listener = listener;
    }

    public static RelayedProcess fork(Duration deadline, Consumer<PosixCall> listener) {
        return fork(NativePosix.get(), UnaryOperator.identity(), deadline, listener);
    }

    /** By way of these calls here, and what {@code through} makes of the calls there. */
    static RelayedProcess fork(NativePosix posix, UnaryOperator<Invoker> through, Duration deadline,
            Consumer<PosixCall> listener) {
        if (deadline.isNegative() || deadline.isZero()) {
            throw new IllegalArgumentException("a deadline is more than nothing, not " + deadline);
        }
        return OwnStack.call(() -> forked(posix, through, deadline, listener));
    }

    private static RelayedProcess forked(NativePosix posix, UnaryOperator<Invoker> through,
            Duration deadline, Consumer<PosixCall> listener) {
        var process = new RelayedProcess(RelayChannel.fork(posix, deadline), through, listener);
        try {
            process.tell(new PosixCall("fork", List.of(), Integer.toString(process.pid()), null));
            return process;
        } catch (RuntimeException | Error thrownByListener) {
            process.close();
            throw thrownByListener;
        }
    }

    @Override
    public void listen(Consumer<PosixCall> newListener) {
        listener = newListener;
    }

    @Override
    protected void tell(PosixCall call) {
        listener.accept(call);
    }

    @Override
    public int pid() {
        return channel.pid();
    }

    @Override
    public int control() {
        return channel.childControl();
    }

    @Override
    public boolean isAlive() {
        return channel.isAlive();
    }

    @Override
    public int fork() {
        return call(CCall.fork(RelayBlock.PARENT_EXITS));
    }

    @Override
    public ForkedProcess forkAndStay() {
        return OwnStack.call(this::forkedAndStaying);
    }

    private ForkedProcess forkedAndStaying() {
        RelayChannel staying;
        try (var exchange = begin()) {
            staying = channel.forkAndStay(exchange, CCall.fork(RelayBlock.PARENT_STAYS),
                    call -> tell(call.toPosixCall()));
        }
        var parent = new RelayedProcess(staying, through, call -> {
        });
        try {
            close(parent.control()); // inherited, and the parent's alone: its end must show as end of file
            return parent;
        } catch (RuntimeException | Error failed) {
            parent.close();
            throw failed;
        }
    }

    @Override
    public void unlinkIfAbandoned(int fd, CString path, CString... companions) {
        requireLength(path, companions);
        channel.will(strings -> {
            List<CCall> calls = new ArrayList<>();
            calls.add(new CCall(DUP2).word(fd).word(LOWEST)); // fails if nothing is open as fd
            calls.add(new CCall(CLOSE).word(fd));
            calls.add(new CCall(CLOSE).word(LOWEST));
            calls.addAll(unlinkCalls(LOWEST, path, companions, strings));
            return calls;
        });
    }

    @Override
    public void unlinkIfAbandoned(int fd, int pidfd, CString path, CString... companions) {
        requireLength(path, companions);
        channel.will(strings -> {
            Platform platform = Platform.current();
            MemorySegment pollfd = strings.allocate(platform.pollfdSize(), JAVA_LONG.byteAlignment());
            platform.pollfd(pollfd, pidfd, (short) platform.POLLIN());
            List<CCall> calls = new ArrayList<>();
            calls.add(new CCall(POLL).buffer(pollfd).word(1).word(CHILD_END_MILLIS));
            calls.addAll(unlinkCalls(fd, path, companions, strings));
            return calls;
        });
    }

    /**
     * Opens what has the name now, and removes it if its lock can be had: the name may be a successor's. The calls are made
     * until one fails: a companion is made first, so that removing it does not fail.
     *
     * @param fd the lowest descriptor that is free
     */
    private List<CCall> unlinkCalls(int fd, CString path, CString[] companions, SegmentAllocator strings) {
        List<CCall> calls = new ArrayList<>();
        calls.add(openCall(path, OpenFlag.guarded(OpenFlag.O_RDONLY), strings));
        calls.add(flockCall(fd, Lock.LOCK_EX));
        for (CString companion : companions) {
            calls.add(openCall(companion, MAKING, strings));
            calls.add(new CCall(UNLINK).string(companion, strings));
        }
        calls.add(new CCall(UNLINK).string(path, strings));
        return calls;
    }

    private static CCall openCall(CString path, Set<OpenFlag> flags, SegmentAllocator strings) {
        return new CCall(OPEN).string(path, strings).word(NativeValues.bits(flags), OpenFlag.text(flags))
                .hidden(0600);
    }

    private static void requireLength(CString path, CString[] companions) {
        if (companions.length > RelayBlock.MAX_COMPANIONS) {
            throw new IllegalArgumentException("a file has at most " + RelayBlock.MAX_COMPANIONS
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
    public void unlinkNothingIfAbandoned() {
        channel.will(_ -> List.of());
    }

    /**
     * The two signals that the C library keeps to itself it lets nobody change. But it has them ignored in
     * what it spawns (a JVM started by posix_spawn(3), for one), and a program must not inherit that: here
     * nobody needs them any more.
     */
    @Override
    public CCall signalCall(Signal signal, Disposition disposition, Invoker.Exchange memory) {
        if (!signal.isKeptByLibrary()) {
            return super.signalCall(signal, disposition, memory);
        }
        MemorySegment action =
                memory.allocate(KERNEL_SIGACTION_SIZE, JAVA_LONG.byteAlignment()).fill((byte) 0);
        action.set(JAVA_LONG, 0, NativeValues.handler(disposition));
        return CCall.systemCall("rt_sigaction", Platform.current().SYS_rt_sigaction())
                .word(signal.number(), signal.name())
                .word(action.address(), disposition.name())
                .word(0, "NULL")
                .word(KERNEL_SIGSET_SIZE);
    }

    @Override
    public void _exit(int status) {
        channel.letGroupGo(); // it leaves by itself, and whoever is in its group stays, even if it has to be ended
        call(new CCall(_EXIT).word(status));
        channel.close(); // it has ended, whatever the call says
    }

    @Override
    public void execve(CString path, List<CString> arguments, List<CString> environment) {
        super.execve(path, arguments, environment);
        if (channel.isOpen()) {
            throw new ForkedProcessException(
                    "execve(" + path.quoted() + ", ...): returned, and did not fail");
        }
    }

    @Override
    public void close() {
        channel.refuseListener();
        OwnStack.run(channel::close);
    }
}
