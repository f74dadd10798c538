package io.github.daemonsteps.ffm;

import static io.github.daemonsteps.ffm.CFunction.ACCESS;
import static io.github.daemonsteps.ffm.CFunction.CHDIR;
import static io.github.daemonsteps.ffm.CFunction.CHOWN;
import static io.github.daemonsteps.ffm.CFunction.CLOSE;
import static io.github.daemonsteps.ffm.CFunction.DUP2;
import static io.github.daemonsteps.ffm.CFunction.EXECVE;
import static io.github.daemonsteps.ffm.CFunction.FCHMOD;
import static io.github.daemonsteps.ffm.CFunction.FCNTL;
import static io.github.daemonsteps.ffm.CFunction.FLOCK;
import static io.github.daemonsteps.ffm.CFunction.FSTAT;
import static io.github.daemonsteps.ffm.CFunction.FSYNC;
import static io.github.daemonsteps.ffm.CFunction.FTRUNCATE;
import static io.github.daemonsteps.ffm.CFunction.GETGID;
import static io.github.daemonsteps.ffm.CFunction.GETPGID;
import static io.github.daemonsteps.ffm.CFunction.GETPID;
import static io.github.daemonsteps.ffm.CFunction.GETPPID;
import static io.github.daemonsteps.ffm.CFunction.GETSID;
import static io.github.daemonsteps.ffm.CFunction.GETUID;
import static io.github.daemonsteps.ffm.CFunction.KILL;
import static io.github.daemonsteps.ffm.CFunction.LSTAT;
import static io.github.daemonsteps.ffm.CFunction.OPEN;
import static io.github.daemonsteps.ffm.CFunction.PIPE2;
import static io.github.daemonsteps.ffm.CFunction.READ;
import static io.github.daemonsteps.ffm.CFunction.SETPGID;
import static io.github.daemonsteps.ffm.CFunction.SETSID;
import static io.github.daemonsteps.ffm.CFunction.SIGNAL;
import static io.github.daemonsteps.ffm.CFunction.SIGPROCMASK;
import static io.github.daemonsteps.ffm.CFunction.STAT;
import static io.github.daemonsteps.ffm.CFunction.UMASK;
import static io.github.daemonsteps.ffm.CFunction.UNLINK;
import static io.github.daemonsteps.ffm.CFunction.WAITPID;
import static io.github.daemonsteps.ffm.CFunction.WRITE;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.github.daemonsteps.ffm.libc.Libc;
import io.github.daemonsteps.ffm.libc.__sigset_t;
import io.github.daemonsteps.posix.AccessMode;
import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.Errno;
import io.github.daemonsteps.posix.FileMode;
import io.github.daemonsteps.posix.FileStatus;
import io.github.daemonsteps.posix.FlockOperation;
import io.github.daemonsteps.posix.OpenFlag;
import io.github.daemonsteps.posix.Posix;
import io.github.daemonsteps.posix.PosixCall;
import io.github.daemonsteps.posix.PosixException;
import io.github.daemonsteps.posix.Signal;
import io.github.daemonsteps.posix.SignalDisposition;
import io.github.daemonsteps.posix.SignalSet;
import io.github.daemonsteps.posix.SigprocmaskHow;
import io.github.daemonsteps.posix.SocketAddress;
import io.github.daemonsteps.posix.SocketFamily;
import io.github.daemonsteps.posix.SocketOption;
import io.github.daemonsteps.posix.SocketType;
import io.github.daemonsteps.posix.WaitStatus;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.StringJoiner;
import java.util.TreeSet;

/** The implementation of {@link Posix} by C calls, in any process. */
public class PosixCalls implements Posix {

    private static final int MAX_TRANSFER_BYTES = 1 << 16;
    private static final int ALIGNMENT = 16;

    /**
     * Functions that a signal may interrupt before they have had any effect; such a call is repeated.
     * close(2) is not one of these functions. Linux has closed the descriptor then, and its number may
     * already belong to another file.
     */
    private static final Set<CFunction> RESTARTABLE =
            EnumSet.of(OPEN, READ, WRITE, CFunction.SEND, CFunction.SENDMSG, WAITPID, DUP2,
                    FCNTL, FLOCK, FSYNC, FTRUNCATE);

    /**
     * The maximum number of times that the calls of one request are repeated. A request that is interrupted
     * more often fails, so that no deadline is missed.
     */
    private static final int MAX_RESTARTS = 1_000;

    private final CallExecutor invoker;

    PosixCalls(CallExecutor invoker) {
        this.invoker = invoker;
    }

    /** Receives each call after it has returned. */
    protected void onCall(PosixCall call) {
        // the base class ignores the call
    }

    public final CallExecutor.CallScope begin() {
        return invoker.begin();
    }

    /** Makes a call that needs no memory. */
    public final int call(NativeCall call) {
        try (var exchange = begin()) {
            return (int) call(exchange, call);
        }
    }

    /** Makes a call and returns its result. */
    final long call(CallExecutor.CallScope exchange, NativeCall call) {
        makeAll(exchange, List.of(call));
        return call.result();
    }

    /** Makes these calls in one exchange, until one fails. */
    final void makeAll(CallExecutor.CallScope exchange, List<NativeCall> calls) {
        exchange.execute(calls);
        int repetitions = 0;
        for (int from = interrupted(calls); from >= 0
                && repetitions < MAX_RESTARTS; from = interrupted(calls)) {
            exchange.execute(calls.subList(from, calls.size()));
            repetitions++;
        }
        for (NativeCall call : calls) {
            if (call.isCompleted()) {
                onCall(call.toPosixCall());
            }
        }
        for (NativeCall call : calls) {
            if (call.isCompleted() && call.failed()) {
                throw new PosixException(call.toPosixCall());
            }
        }
    }

    /** Returns the index of the call that a signal has interrupted and that must be repeated, or -1. */
    private static int interrupted(List<NativeCall> calls) {
        for (int i = 0; i < calls.size(); i++) {
            NativeCall call = calls.get(i);
            if (call.isCompleted() && call.failed()) {
                return call.errno() == Errno.EINTR.number() && RESTARTABLE.contains(call.function()) ? i : -1;
            }
        }
        return -1;
    }

    @Override
    public int getpid() {
        return call(new NativeCall(GETPID));
    }

    @Override
    public int getppid() {
        return call(new NativeCall(GETPPID));
    }

    @Override
    public int getpgid(int pid) {
        return call(new NativeCall(GETPGID).argument(pid));
    }

    @Override
    public int getsid(int pid) {
        return call(new NativeCall(GETSID).argument(pid));
    }

    @Override
    public void setpgid(int pid, int pgid) {
        call(new NativeCall(SETPGID).argument(pid).argument(pgid));
    }

    @Override
    public int setsid() {
        return call(new NativeCall(SETSID));
    }

    @Override
    public long getuid() {
        return Integer.toUnsignedLong(call(new NativeCall(GETUID)));
    }

    @Override
    public long getgid() {
        return Integer.toUnsignedLong(call(new NativeCall(GETGID)));
    }

    @Override
    public void access(CString path, Set<AccessMode> modes) {
        int bits = 0;
        var text = new StringJoiner("|");
        for (AccessMode mode : new TreeSet<>(modes)) {
            bits |= NativeValues.bit(mode);
            text.add(mode.name());
        }
        try (var exchange = begin()) {
            call(exchange, new NativeCall(ACCESS).string(path, exchange).argument(bits, text.toString()));
        }
    }

    @Override
    public void chdir(CString directory) {
        try (var exchange = begin()) {
            call(exchange, new NativeCall(CHDIR).string(directory, exchange));
        }
    }

    @Override
    public FileMode umask(FileMode mask) {
        return FileMode.of(call(new NativeCall(UMASK).argument(mask.bits(), mask.toString())
                .returning(NativeCall.Result.FILE_MODE)));
    }

    @Override
    public int open(CString path, Set<OpenFlag> flags, FileMode mode) {
        try (var exchange = begin()) {
            var call =
                    new NativeCall(OPEN).string(path, exchange).argument(NativeValues.bits(flags),
                            OpenFlag.text(flags));
            boolean creates = flags.contains(OpenFlag.O_CREAT);
            return (int) call(exchange,
                    creates ? call.argument(mode.bits(), mode.toString()) : call.hidden(mode.bits()));
        }
    }

    @Override
    public void close(int fd) {
        call(new NativeCall(CLOSE).argument(fd));
    }

    @Override
    public void close(List<Integer> fds) {
        List<NativeCall> calls = new ArrayList<>(fds.size());
        for (int fd : fds) {
            calls.add(new NativeCall(CLOSE).argument(fd));
        }
        try (var exchange = begin()) {
            makeAll(exchange, calls);
        }
    }

    @Override
    public void close_range(int first, int last) {
        int number = Libc.SYS_close_range();
        call(NativeCall.systemCall("close_range", number).argument(first)
                .argument(last, Integer.toUnsignedString(last))
                .argument(0));
    }

    @Override
    public int dup2(int from, int to) {
        return call(new NativeCall(DUP2).argument(from).argument(to));
    }

    @Override
    public void chown(CString path, long uid, long gid) {
        try (var exchange = begin()) {
            call(exchange, new NativeCall(CHOWN).string(path, exchange).argument(uid).argument(gid));
        }
    }

    @Override
    public void fchmod(int fd, FileMode mode) {
        call(new NativeCall(FCHMOD).argument(fd).argument(mode.bits(), mode.toString()));
    }

    @Override
    public void flock(int fd, FlockOperation lock) {
        call(flockCall(fd, lock));
    }

    public static NativeCall flockCall(int fd, FlockOperation lock) {
        return new NativeCall(FLOCK).argument(fd).argument(NativeValues.number(lock) | Libc.LOCK_NB(),
                lock + "|LOCK_NB");
    }

    @Override
    public void fsync(int fd) {
        call(new NativeCall(FSYNC).argument(fd));
    }

    @Override
    public void ftruncate(int fd, long length) {
        call(new NativeCall(FTRUNCATE).argument(fd).argument(length));
    }

    @Override
    public boolean isCloseOnExec(int fd) {
        return (fcntl(fd, Libc.F_GETFD(), "F_GETFD", 0) & Libc.FD_CLOEXEC()) != 0;
    }

    @Override
    public void setCloseOnExec(int fd, boolean closeOnExec) {
        fcntl(fd, Libc.F_SETFD(), "F_SETFD", closeOnExec ? Libc.FD_CLOEXEC() : 0);
    }

    @Override
    public void setStatusFlags(int fd, Set<OpenFlag> flags) {
        fcntl(fd, Libc.F_SETFL(), "F_SETFL", NativeValues.bits(flags));
    }

    @Override
    public int duplicateFrom(int fd, int lowest) {
        return fcntl(fd, Libc.F_DUPFD_CLOEXEC(), "F_DUPFD_CLOEXEC", lowest);
    }

    private int fcntl(int fd, int command, String name, int argument) {
        return call(new NativeCall(FCNTL).argument(fd).argument(command, name).argument(argument));
    }

    @Override
    public Pipe pipe2(Set<OpenFlag> flags) {
        try (var exchange = begin()) {
            MemorySegment ends = exchange.allocate(2 * JAVA_INT.byteSize(), ALIGNMENT);
            call(exchange,
                    new NativeCall(PIPE2).buffer(ends).argument(NativeValues.bits(flags),
                            OpenFlag.text(flags)));
            return new Pipe(ends.getAtIndex(JAVA_INT, 0), ends.getAtIndex(JAVA_INT, 1));
        }
    }

    @Override
    public byte[] read(int fd, int count) {
        int most = Math.min(count, MAX_TRANSFER_BYTES);
        try (var exchange = begin()) {
            MemorySegment buffer = exchange.allocate(most, ALIGNMENT);
            long length = call(exchange, new NativeCall(READ).argument(fd).buffer(buffer).argument(most));
            return buffer.asSlice(0, length).toArray(JAVA_BYTE);
        }
    }

    @Override
    public int write(int fd, byte[] bytes) {
        int most = Math.min(bytes.length, MAX_TRANSFER_BYTES);
        try (var exchange = begin()) {
            MemorySegment buffer = exchange.allocate(most, ALIGNMENT);
            MemorySegment.copy(bytes, 0, buffer, JAVA_BYTE, 0, most);
            return (int) call(exchange, new NativeCall(WRITE).argument(fd).buffer(buffer).argument(most));
        }
    }

    @Override
    public FileStatus fstat(int fd) {
        try (var exchange = begin()) {
            return status(exchange, new NativeCall(FSTAT).argument(fd));
        }
    }

    @Override
    public FileStatus stat(CString path) {
        return status(STAT, path);
    }

    @Override
    public FileStatus lstat(CString path) {
        return status(LSTAT, path);
    }

    @Override
    public void unlink(CString path) {
        try (var exchange = begin()) {
            call(exchange, new NativeCall(UNLINK).string(path, exchange));
        }
    }

    @Override
    public WaitStatus waitpid(int pid) {
        try (var exchange = begin()) {
            MemorySegment status = exchange.allocate(JAVA_INT);
            int noHang = Libc.WNOHANG();
            long reaped = call(exchange,
                    new NativeCall(WAITPID).argument(pid).buffer(status).argument(noHang, "WNOHANG"));
            return reaped == 0 ? WaitStatus.RUNNING : WaitStatus.decode(status.get(JAVA_INT, 0));
        }
    }

    private FileStatus status(CFunction function, CString path) {
        try (var exchange = begin()) {
            return status(exchange, new NativeCall(function).string(path, exchange));
        }
    }

    /** Adds the buffer to a call of the stat family, makes the call, and reads the buffer. */
    private FileStatus status(CallExecutor.CallScope exchange, NativeCall call) {
        Platform platform = Platform.current();
        MemorySegment buffer = exchange.allocate(platform.statSize(), ALIGNMENT);
        call(exchange, call.buffer(buffer));
        return platform.fileStatus(buffer);
    }

    @Override
    public void kill(int pid, Signal signal) {
        call(new NativeCall(KILL).argument(pid).argument(signal.number(), signal.name()));
    }

    @Override
    public int pidfd_open(int pid) {
        return call(NativeCall.systemCall("pidfd_open", Libc.SYS_pidfd_open()).argument(pid).argument(0));
    }

    @Override
    public void pidfd_send_signal(int pidfd, Signal signal) {
        int number = Libc.SYS_pidfd_send_signal();
        call(NativeCall.systemCall("pidfd_send_signal", number)
                .argument(pidfd)
                .argument(signal.number(), signal.name())
                .argument(0, "NULL")
                .argument(0));
    }

    @Override
    public void signal(Signal signal, SignalDisposition disposition) {
        signal(SignalSet.of(signal), disposition);
    }

    @Override
    public void signal(SignalSet signals, SignalDisposition disposition) {
        List<NativeCall> calls = new ArrayList<>();
        try (var exchange = begin()) {
            for (Signal signal : signals.signals()) {
                calls.add(signalCall(signal, disposition, exchange));
            }
            makeAll(exchange, calls);
        }
    }

    @Override
    public SignalSet sigprocmask(SigprocmaskHow change, SignalSet signals) {
        try (var exchange = begin()) {
            long size = __sigset_t.sizeof();
            MemorySegment set = exchange.allocate(size, JAVA_LONG.byteAlignment()).fill((byte) 0);
            MemorySegment old = exchange.allocate(size, JAVA_LONG.byteAlignment());
            set.set(JAVA_LONG, 0, signals.bits());
            call(exchange, new NativeCall(SIGPROCMASK).argument(NativeValues.number(change), change.name())
                    .argument(set.address(), signals.toString())
                    .buffer(old));
            return new SignalSet(old.get(JAVA_LONG, 0));
        }
    }

    @Override
    public int socket(SocketFamily family, SocketType type) {
        return call(SocketCalls.socket(family, type));
    }

    @Override
    public void bind(int fd, SocketAddress address) {
        try (var exchange = begin()) {
            call(exchange, SocketCalls.bind(fd, address, exchange));
        }
    }

    @Override
    public void listen(int fd, int backlog) {
        call(SocketCalls.listen(fd, backlog));
    }

    @Override
    public void setsockopt(int fd, SocketOption option, boolean on) {
        try (var exchange = begin()) {
            call(exchange, SocketCalls.setsockopt(fd, option, on, exchange));
        }
    }

    @Override
    public SocketAddress getsockname(int fd) {
        try (var exchange = begin()) {
            return SocketCalls.getsockname(fd, this, exchange);
        }
    }

    @Override
    public void execve(CString path, List<CString> arguments, List<CString> environment) {
        try (var exchange = begin()) {
            call(exchange, execveCall(exchange, path, arguments, environment));
        }
    }

    private static NativeCall execveCall(CallExecutor.CallScope exchange, CString path,
            List<CString> arguments,
            List<CString> environment) {
        try {
            return new NativeCall(EXECVE).string(path, exchange).arguments(arguments, exchange)
                    .environment(environment, exchange);
        } catch (IndexOutOfBoundsException e) {
            // The memory is larger than the kernel's limit, so arguments that do not fit exceed that limit
            // too.
            throw new PosixException(
                    new PosixCall("execve", List.of(path.quoted(), "...", "..."), "-1", Errno.E2BIG));
        }
    }

    public NativeCall signalCall(Signal signal, SignalDisposition disposition,
            CallExecutor.CallScope memory) {
        return new NativeCall(SIGNAL).argument(signal.number(), signal.name())
                .argument(NativeValues.handler(disposition), disposition.name())
                .returning(NativeCall.Result.SIGNAL_HANDLER);
    }
}
