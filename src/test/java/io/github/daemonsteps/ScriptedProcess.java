package io.github.daemonsteps;

import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.Credentials.Ids;
import io.github.daemonsteps.posix.Credentials.ResourceLimit;
import io.github.daemonsteps.posix.Errno;
import io.github.daemonsteps.posix.FileMode;
import io.github.daemonsteps.posix.FileStatus;
import io.github.daemonsteps.posix.FileType;
import io.github.daemonsteps.posix.ForkedProcess;
import io.github.daemonsteps.posix.PosixCall;
import io.github.daemonsteps.posix.PosixException;
import io.github.daemonsteps.posix.SignalSet;
import io.github.daemonsteps.process.Capabilities;
import io.github.daemonsteps.process.ProcessInspector;
import io.github.daemonsteps.process.ProcessState;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A forked process without a process: it records the calls, answers them as the kernel would, and fails or
 * lies if the test says so. It is also the kernel that reports on the process.
 */
final class ScriptedProcess implements ProcessInspector {

    static final int LAUNCHER = (int) ProcessHandle.current().pid();
    static final int CONTROL = 9;

    /** The names of all calls, in order. */
    final List<String> calls = new ArrayList<>();
    /** Lets calls of this name fail with this errno. */
    final Map<String, Errno> failing = new HashMap<>();
    /** Lets calls of this name have no effect and succeed. */
    final List<String> idle = new ArrayList<>();
    /** The facts that the kernel does not report: names of components of a state. */
    boolean hidden;

    int pid = 100;
    int ppid = LAUNCHER;
    int pgid = 50;
    int sid = 40;
    int terminal = 0x8803;
    String cwd = "/home";
    FileMode umask = FileMode.of(022);
    final TreeMap<Integer, String> fds = new TreeMap<>(
            Map.of(0, "/dev/pts/3", 1, "/dev/pts/3", 2, "/dev/pts/3", 5, "/x", CONTROL, "socket"));
    SignalSet ignored = SignalSet.NONE;
    private SignalSet blocked = SignalSet.ALL;
    List<Long> groups = List.of(0L, 4L);
    Ids gids = Ids.all(0);
    Ids uids = Ids.all(0);
    boolean noNewPrivs;
    final List<Integer> closeOnExec = new ArrayList<>();
    ResourceLimit limit = new ResourceLimit(1, 2);
    long capabilities;
    /** The calls that can regain root. */
    final List<String> regaining = new ArrayList<>();
    boolean closed;
    private Consumer<PosixCall> listener = call -> {
    };

    ForkedProcess fork(Duration deadline, Consumer<PosixCall> first) {
        if (failing.containsKey("FORK")) {
            throw new PosixException(new PosixCall("fork", List.of(), "-1", failing.get("FORK")));
        }
        listener = first;
        first.accept(new PosixCall("fork", List.of(), Integer.toString(pid), null));
        return (ForkedProcess) Proxy.newProxyInstance(getClass().getClassLoader(),
                new Class<?>[]{ForkedProcess.class},
                (proxy, method, arguments) -> answer(method, arguments == null ? new Object[0] : arguments));
    }

    private @Nullable Object answer(Method method, Object[] arguments) {
        switch (method.getName()) {
            case "pid":
                return pid;
            case "controlFd":
                return CONTROL;
            case "isAlive":
                return !closed;
            case "setCallListener":
                @SuppressWarnings("unchecked")
                var newListener = (Consumer<PosixCall>) arguments[0];
                listener = newListener;
                return null;
            case "close":
                if (arguments.length == 0) {
                    closed = true;
                    return null;
                }
                break;
            default:
        }
        return call(method.getName().equals("forkExitingParent") ? "fork" : method.getName(), arguments);
    }

    private @Nullable Object call(String name, Object[] arguments) {
        String text = name + Arrays.toString(arguments);
        calls.add(text);
        Errno errno = failing.get(name);
        var call = new PosixCall(name, Arrays.stream(arguments).map(Object::toString).toList(),
                errno == null ? "0" : "-1", errno);
        listener.accept(call);
        if (errno != null) {
            throw new PosixException(call);
        }
        return idle.contains(name) ? null0(name) : effect(name, arguments);
    }

    private @Nullable Object null0(String name) {
        return switch (name) {
            case "setsid", "open", "dup2" -> 0;
            case "fork" -> pid + 1;
            case "umask" -> umask;
            case "getgroups" -> List.of();
            case "getresuid", "getresgid" -> Ids.all(0);
            default -> null;
        };
    }

    @SuppressWarnings("unchecked")
    private @Nullable Object effect(String name, Object[] arguments) {
        switch (name) {
            case "getpid":
                return pid;
            case "getppid":
                return ppid;
            case "getsid":
                return sid;
            case "getpgid":
                return pgid;
            case "setsid":
                pgid = pid;
                sid = pid;
                terminal = 0;
                return pid;
            case "fork":
                pid++;
                ppid = 1;
                return pid;
            case "chdir":
                cwd = arguments[0].toString();
                return null;
            case "umask":
                FileMode old = umask;
                umask = (FileMode) arguments[0];
                return old;
            case "close":
                if (arguments[0] instanceof List<?> several) {
                    several.forEach(fd -> fds.remove((Integer) fd));
                } else {
                    fds.remove((Integer) arguments[0]);
                }
                return null;
            case "close_range":
                fds.keySet().removeIf(fd -> fd >= (int) arguments[0]
                        && Integer.compareUnsigned(fd, (int) arguments[1]) <= 0);
                return null;
            case "open":
                int free = 0;
                while (fds.containsKey(free)) {
                    free++;
                }
                fds.put(free, arguments[0].toString());
                return free;
            case "dup2":
                fds.put((int) arguments[1], fds.get((int) arguments[0]));
                return arguments[1];
            case "setCloseOnExec", "setStatusFlags":
                return null;
            case "stat":
                return status(arguments[0].toString().equals(".") ? cwd : arguments[0].toString());
            case "fstat":
                return status(String.valueOf(fds.get((int) arguments[0])));
            case "signal":
                ignored = arguments[1].toString().equals("SIG_IGN")
                        && arguments[0] instanceof io.github.daemonsteps.posix.Signal signal
                                ? SignalSet.of(signal)
                                : ignored;
                return null;
            case "sigprocmask":
                SignalSet unblocked = blocked;
                blocked = (SignalSet) arguments[1];
                return unblocked;
            case "execve":
                return null;
            case "setgroups":
                requireRoot(name, arguments);
                groups = List.copyOf((List<Long>) arguments[0]);
                return null;
            case "getgroups":
                return groups;
            case "setresgid":
                gids = (Ids) arguments[0];
                return null;
            case "getresgid":
                return gids;
            case "setresuid":
                uids = (Ids) arguments[0];
                return null;
            case "getresuid":
                return uids;
            case "joinNewSessionKeyring", "dropCapabilities":
                return null;
            case "setuid", "setgid":
                requireRoot(name, arguments);
                return null;
            case "setNoNewPrivs":
                noNewPrivs = true;
                return null;
            case "hasNoNewPrivs":
                return noNewPrivs;
            case "setrlimit":
                limit = (ResourceLimit) arguments[1];
                return null;
            case "getrlimit":
                return limit;
            default:
                throw new AssertionError("no step calls " + name);
        }
    }

    private void requireRoot(String name, Object[] arguments) {
        if (uids.effective() != 0 && !regaining.contains(name)) {
            throw new PosixException(new PosixCall(name,
                    Arrays.stream(arguments).map(Object::toString).toList(), "-1", Errno.EPERM));
        }
    }

    @Override
    public boolean isCloseOnExec(int asked, int fd) {
        return closeOnExec.contains(fd);
    }

    @Override
    public Capabilities capabilities(int asked) {
        return new Capabilities(capabilities, capabilities);
    }

    @Override
    public ProcessState state(int asked) {
        if (asked == LAUNCHER) {
            return new ProcessState(LAUNCHER, 1, 50, 40, 0x8803, "/dev/pts/3", "/home", FileMode.of(022), fds,
                    0L, 0L, List.of(), SignalSet.NONE,
                    SignalSet.NONE, SignalSet.NONE);
        }
        if (hidden) {
            return ProcessState.of(Integer.MAX_VALUE);
        }
        return new ProcessState(pid, ppid, pgid, sid, terminal, terminal > 0 ? "/dev/pts/3" : null, cwd,
                umask, fds, uids.real(), gids.real(), groups,
                blocked, ignored, SignalSet.NONE);
    }

    @Override
    public Optional<FileStatus> file(CString path) {
        String link = "/proc/" + pid + "/";
        String text = path.toString();
        if (hidden) {
            return Optional.empty();
        }
        if (text.equals(link + "cwd")) {
            return Optional.of(status(cwd));
        }
        if (text.startsWith(link + "fd/")) {
            return Optional
                    .of(status(String.valueOf(fds.get(Integer.valueOf(text.substring(link.length() + 3))))));
        }
        return Optional.of(status(text));
    }

    private static FileStatus status(String path) {
        return new FileStatus(1, path.hashCode(), FileType.OTHER, FileMode.of(0), 1, 0, 0, 0, 0);
    }

    @Override
    public long openMax() {
        return 1024;
    }
}
