package io.github.daemonsteps.ffm;

import static io.github.daemonsteps.ffm.CFunction.ACCESS;
import static io.github.daemonsteps.ffm.CFunction.CHDIR;
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

import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.Disposition;
import io.github.daemonsteps.posix.Errno;
import io.github.daemonsteps.posix.FileMode;
import io.github.daemonsteps.posix.FileStatus;
import io.github.daemonsteps.posix.Lock;
import io.github.daemonsteps.posix.MaskChange;
import io.github.daemonsteps.posix.OpenFlag;
import io.github.daemonsteps.posix.Posix;
import io.github.daemonsteps.posix.PosixCall;
import io.github.daemonsteps.posix.PosixException;
import io.github.daemonsteps.posix.Signal;
import io.github.daemonsteps.posix.SignalSet;
import io.github.daemonsteps.posix.WaitStatus;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;

/** Implements {@link Posix} by C calls, in whichever process they are made. */
public class PosixCalls implements Posix {

    private static final int MOST_BYTES_AT_ONCE = 1 << 16;
    private static final int ALIGNMENT = 16;

    /**
     * Functions that a signal may interrupt before they have done anything; such a call is repeated. close(2) is not one of
     * them: Linux has closed the descriptor then, and its number may already be another file's.
     */
    private static final Set<CFunction> MADE_AGAIN =
            EnumSet.of(OPEN, READ, WRITE, CFunction.SEND, WAITPID, DUP2,
                    FCNTL, FLOCK, FSYNC, FTRUNCATE);

    /** How often the calls of one request are repeated. A request that is interrupted more often fails: no deadline is missed. */
    private static final int MOST_REPETITIONS = 1_000;

    private final Invoker invoker;

    PosixCalls(Invoker invoker) {
        this.invoker = invoker;
    }

    /** Receives each call after it has returned. */
    protected void tell(PosixCall call) {
        // ignores it by default
    }

    public final Invoker.Exchange begin() {
        return invoker.begin();
    }

    /** Makes a call that needs no memory. */
    public final int call(CCall call) {
        try (var exchange = begin()) {
            return (int) make(exchange, call);
        }
    }

    /** Makes a call and returns its result. */
    final long make(Invoker.Exchange exchange, CCall call) {
        makeAll(exchange, List.of(call));
        return call.result();
    }

    private void makeAll(Invoker.Exchange exchange, List<CCall> calls) {
        exchange.make(calls);
        int repetitions = 0;
        for (int from = interrupted(calls); from >= 0
                && repetitions < MOST_REPETITIONS; from = interrupted(calls)) {
            exchange.make(calls.subList(from, calls.size()));
            repetitions++;
        }
        for (CCall call : calls) {
            if (call.wasMade()) {
                tell(call.toPosixCall());
            }
        }
        for (CCall call : calls) {
            if (call.wasMade() && call.failed()) {
                throw new PosixException(call.toPosixCall());
            }
        }
    }

    /** The index of the call that a signal has interrupted and that is to be made again, or -1. */
    private static int interrupted(List<CCall> calls) {
        for (int i = 0; i < calls.size(); i++) {
            CCall call = calls.get(i);
            if (call.wasMade() && call.failed()) {
                return call.errno() == Errno.EINTR.number() && MADE_AGAIN.contains(call.function()) ? i : -1;
            }
        }
        return -1;
    }

    /** A call for each of these, made in one go until one fails. */
    final <T> void callEach(List<T> items, BiFunction<T, Invoker.Exchange, CCall> toCall) {
        List<CCall> calls = new ArrayList<>(items.size());
        try (var exchange = begin()) {
            for (T item : items) {
                calls.add(toCall.apply(item, exchange));
            }
            makeAll(exchange, calls);
        }
    }

    @Override
    public int getpid() {
        return call(new CCall(GETPID));
    }

    @Override
    public int getppid() {
        return call(new CCall(GETPPID));
    }

    @Override
    public int getpgid(int pid) {
        return call(new CCall(GETPGID).word(pid));
    }

    @Override
    public int getsid(int pid) {
        return call(new CCall(GETSID).word(pid));
    }

    @Override
    public void setpgid(int pid, int pgid) {
        call(new CCall(SETPGID).word(pid).word(pgid));
    }

    @Override
    public int setsid() {
        return call(new CCall(SETSID));
    }

    @Override
    public long getuid() {
        return Integer.toUnsignedLong(call(new CCall(GETUID)));
    }

    @Override
    public long getgid() {
        return Integer.toUnsignedLong(call(new CCall(GETGID)));
    }

    @Override
    public void accessExecutable(CString path) {
        try (var exchange = begin()) {
            make(exchange, new CCall(ACCESS).string(path, exchange).word(Platform.current().X_OK(), "X_OK"));
        }
    }

    @Override
    public void chdir(CString directory) {
        try (var exchange = begin()) {
            make(exchange, new CCall(CHDIR).string(directory, exchange));
        }
    }

    @Override
    public FileMode umask(FileMode mask) {
        return FileMode.of(call(new CCall(UMASK).word(mask.bits(), mask.toString())
                .returning(old -> FileMode.of((int) old).toString())));
    }

    @Override
    public int open(CString path, Set<OpenFlag> flags, FileMode mode) {
        try (var exchange = begin()) {
            var call =
                    new CCall(OPEN).string(path, exchange).word(NativeValues.bits(flags),
                            OpenFlag.text(flags));
            boolean creates = flags.contains(OpenFlag.O_CREAT);
            return (int) make(exchange,
                    creates ? call.word(mode.bits(), mode.toString()) : call.hidden(mode.bits()));
        }
    }

    @Override
    public void close(int fd) {
        call(new CCall(CLOSE).word(fd));
    }

    @Override
    public void close(List<Integer> fds) {
        callEach(fds, (fd, _) -> new CCall(CLOSE).word(fd));
    }

    @Override
    public void close_range(int first, int last) {
        int number = Platform.current().SYS_close_range();
        call(CCall.systemCall("close_range", number).word(first).word(last, Integer.toUnsignedString(last))
                .word(0));
    }

    @Override
    public int dup2(int from, int to) {
        return call(new CCall(DUP2).word(from).word(to));
    }

    @Override
    public void fchmod(int fd, FileMode mode) {
        call(new CCall(FCHMOD).word(fd).word(mode.bits(), mode.toString()));
    }

    @Override
    public void flock(int fd, Lock lock) {
        call(flockCall(fd, lock));
    }

    public static CCall flockCall(int fd, Lock lock) {
        return new CCall(FLOCK).word(fd).word(NativeValues.number(lock) | Platform.current().LOCK_NB(),
                lock + "|LOCK_NB");
    }

    @Override
    public void fsync(int fd) {
        call(new CCall(FSYNC).word(fd));
    }

    @Override
    public void ftruncate(int fd, long length) {
        call(new CCall(FTRUNCATE).word(fd).word(length));
    }

    @Override
    public boolean isCloseOnExec(int fd) {
        Platform platform = Platform.current();
        return (fcntl(fd, platform.F_GETFD(), "F_GETFD", 0) & platform.FD_CLOEXEC()) != 0;
    }

    @Override
    public void setCloseOnExec(int fd, boolean closeOnExec) {
        Platform platform = Platform.current();
        fcntl(fd, platform.F_SETFD(), "F_SETFD", closeOnExec ? platform.FD_CLOEXEC() : 0);
    }

    @Override
    public void setStatusFlags(int fd, Set<OpenFlag> flags) {
        fcntl(fd, Platform.current().F_SETFL(), "F_SETFL", NativeValues.bits(flags));
    }

    @Override
    public int duplicateFrom(int fd, int lowest) {
        return fcntl(fd, Platform.current().F_DUPFD_CLOEXEC(), "F_DUPFD_CLOEXEC", lowest);
    }

    private int fcntl(int fd, int command, String name, int argument) {
        return call(new CCall(FCNTL).word(fd).word(command, name).word(argument));
    }

    @Override
    public Pipe pipe2(Set<OpenFlag> flags) {
        try (var exchange = begin()) {
            MemorySegment ends = exchange.allocate(2 * JAVA_INT.byteSize(), ALIGNMENT);
            make(exchange,
                    new CCall(PIPE2).buffer(ends).word(NativeValues.bits(flags), OpenFlag.text(flags)));
            return new Pipe(ends.getAtIndex(JAVA_INT, 0), ends.getAtIndex(JAVA_INT, 1));
        }
    }

    @Override
    public byte[] read(int fd, int count) {
        int most = Math.min(count, MOST_BYTES_AT_ONCE);
        try (var exchange = begin()) {
            MemorySegment buffer = exchange.allocate(most, ALIGNMENT);
            long length = make(exchange, new CCall(READ).word(fd).buffer(buffer).word(most));
            return buffer.asSlice(0, length).toArray(JAVA_BYTE);
        }
    }

    @Override
    public int write(int fd, byte[] bytes) {
        int most = Math.min(bytes.length, MOST_BYTES_AT_ONCE);
        try (var exchange = begin()) {
            MemorySegment buffer = exchange.allocate(most, ALIGNMENT);
            MemorySegment.copy(bytes, 0, buffer, JAVA_BYTE, 0, most);
            return (int) make(exchange, new CCall(WRITE).word(fd).buffer(buffer).word(most));
        }
    }

    @Override
    public FileStatus fstat(int fd) {
        return status(exchange -> new CCall(FSTAT).word(fd));
    }

    @Override
    public FileStatus stat(CString path) {
        return status(exchange -> new CCall(STAT).string(path, exchange));
    }

    @Override
    public FileStatus lstat(CString path) {
        return status(exchange -> new CCall(LSTAT).string(path, exchange));
    }

    @Override
    public void unlink(CString path) {
        try (var exchange = begin()) {
            make(exchange, new CCall(UNLINK).string(path, exchange));
        }
    }

    @Override
    public WaitStatus waitpid(int pid) {
        try (var exchange = begin()) {
            MemorySegment status = exchange.allocate(JAVA_INT);
            int noHang = Platform.current().WNOHANG();
            long reaped = make(exchange, new CCall(WAITPID).word(pid).buffer(status).word(noHang, "WNOHANG"));
            return reaped == 0 ? WaitStatus.RUNNING : WaitStatus.decode(status.get(JAVA_INT, 0));
        }
    }

    private FileStatus status(Function<Invoker.Exchange, CCall> of) {
        Platform platform = Platform.current();
        try (var exchange = begin()) {
            MemorySegment buffer = exchange.allocate(platform.statSize(), ALIGNMENT);
            make(exchange, of.apply(exchange).buffer(buffer));
            return platform.fileStatus(buffer);
        }
    }

    @Override
    public void kill(int pid, Signal signal) {
        call(new CCall(KILL).word(pid).word(signal.number(), signal.name()));
    }

    @Override
    public int pidfd_open(int pid) {
        return call(CCall.systemCall("pidfd_open", Platform.current().SYS_pidfd_open()).word(pid).word(0));
    }

    @Override
    public void pidfd_send_signal(int pidfd, Signal signal) {
        int number = Platform.current().SYS_pidfd_send_signal();
        call(CCall.systemCall("pidfd_send_signal", number)
                .word(pidfd)
                .word(signal.number(), signal.name())
                .word(0, "NULL")
                .word(0));
    }

    @Override
    public void signal(Signal signal, Disposition disposition) {
        signal(SignalSet.of(signal), disposition);
    }

    @Override
    public void signal(SignalSet signals, Disposition disposition) {
        callEach(signals.signals(), (signal, exchange) -> signalCall(signal, disposition, exchange));
    }

    @Override
    public SignalSet sigprocmask(MaskChange change, SignalSet signals) {
        try (var exchange = begin()) {
            long size = Platform.current().sigsetSize();
            MemorySegment set = exchange.allocate(size, JAVA_LONG.byteAlignment()).fill((byte) 0);
            MemorySegment old = exchange.allocate(size, JAVA_LONG.byteAlignment());
            set.set(JAVA_LONG, 0, signals.bits());
            make(exchange, new CCall(SIGPROCMASK).word(NativeValues.number(change), change.name())
                    .word(set.address(), signals.toString())
                    .buffer(old));
            return new SignalSet(old.get(JAVA_LONG, 0));
        }
    }

    @Override
    public void execve(CString path, List<CString> arguments, List<CString> environment) {
        try (var exchange = begin()) {
            make(exchange, execveCall(exchange, path, arguments, environment));
        }
    }

    private static CCall execveCall(Invoker.Exchange exchange, CString path, List<CString> arguments,
            List<CString> environment) {
        try {
            return new CCall(EXECVE).string(path, exchange).arguments(arguments, exchange)
                    .environment(environment, exchange);
        } catch (IndexOutOfBoundsException tooLong) {
            // There is room for more than the kernel would take.
            throw new PosixException(
                    new PosixCall("execve", List.of(path.quoted(), "...", "..."), "-1", Errno.E2BIG));
        }
    }

    public CCall signalCall(Signal signal, Disposition disposition, Invoker.Exchange memory) {
        return new CCall(SIGNAL).word(signal.number(), signal.name())
                .word(NativeValues.handler(disposition), disposition.name())
                .returning(PosixCalls::handlerText);
    }

    private static String handlerText(long handler) {
        for (Disposition disposition : Disposition.values()) {
            if (NativeValues.handler(disposition) == handler) {
                return disposition.name();
            }
        }
        return "0x" + Long.toHexString(handler);
    }
}
