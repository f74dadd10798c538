package io.github.daemonsteps.testkit;

import io.github.daemonsteps.posix.CallInterceptor.Effect;
import io.github.daemonsteps.posix.CallInterceptor.Place;
import io.github.daemonsteps.posix.Errno;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The likely results of each C function of a start besides success: likely errnos of its manual page, and
 * nonsense.
 */
final class LikelyFaults {

    private static final Map<String, List<Effect>> EFFECTS = new LikelyFaults().effects;

    private final Map<String, List<Effect>> effects = new TreeMap<>();

    private LikelyFaults() {
        fails("bind", "EADDRINUSE", "EACCES", "EADDRNOTAVAIL", "ENOENT", "EROFS", "ENOSPC");
        returns("bind", 0);
        fails("capset", "EPERM", "EINVAL");
        returns("capset", 0);
        fails("chdir", "EACCES", "ENOENT", "ENOTDIR", "EIO");
        returns("chdir", 0);
        fails("chown", "EPERM", "EROFS", "EIO");
        returns("chown", 0);
        fails("close_range", "ENOSYS", "EPERM", "EINVAL", "EMFILE");
        returns("close_range", 0);
        fails("dup2", "EBADF", "EBUSY", "EMFILE", "EINTR");
        returns("dup2", 77);
        fails("execve", "ENOENT", "EACCES", "ENOEXEC", "E2BIG", "ETXTBSY", "ENOMEM", "EIO");
        returns("execve", 0);
        fails("fchmod", "EPERM", "EROFS", "EIO");
        fails("fcntl", "EBADF", "EINVAL", "EMFILE", "EINTR");
        returns("fcntl", -7, 77);
        fails("flock", "EAGAIN", "EINTR", "ENOLCK", "EBADF");
        returns("flock", 0);
        fails("fork", "EAGAIN", "ENOMEM", "ENOSYS");
        fails("fstat", "EBADF", "EIO", "ENOMEM");
        returns("fstat", 0);
        fails("fsync", "EIO", "ENOSPC", "EINVAL", "EINTR");
        returns("fsync", 0);
        fails("ftruncate", "EIO", "EPERM", "EINTR");
        returns("ftruncate", 0);
        fails("getpriority", "ESRCH");
        returns("getpriority", 0, 77);
        fails("getgroups", "EINVAL");
        returns("getgroups", 0);
        returns("getpid", 1, 0);
        returns("getresgid", 0);
        returns("getresuid", 0);
        fails("getsockname", "ENOBUFS", "EBADF");
        returns("getsockname", 0);
        returns("getuid", 12345);
        fails("keyctl", "ENOSYS", "EPERM", "EDQUOT");
        returns("keyctl", 0);
        fails("kill", "ESRCH", "EPERM");
        fails("listen", "EADDRINUSE", "EOPNOTSUPP");
        returns("listen", 0);
        fails("lstat", "EACCES", "ENOENT", "ELOOP", "EIO");
        returns("lstat", 0);
        fails("madvise", "EINVAL", "ENOMEM", "EAGAIN");
        returns("madvise", 0);
        fails("mmap", "ENOMEM", "EAGAIN"); // an address cannot be checked without an access
        fails("mprotect", "EACCES", "ENOMEM");
        effects("munmap", new Effect.ExecutedButFails(Errno.EINVAL));
        fails("open", "EACCES", "ENOENT", "EEXIST", "EMFILE", "ENFILE", "ENOSPC", "EROFS", "ELOOP", "EINTR");
        returns("open", 77, -2);
        fails("pidfd_getfd", "ENOSYS", "EPERM", "EMFILE", "EBADF");
        fails("pidfd_open", "ENOSYS", "EPERM", "EMFILE", "ENOMEM", "ESRCH");
        fails("pidfd_send_signal", "ENOSYS", "EPERM", "ESRCH");
        fails("pipe2", "EMFILE", "ENFILE", "ENOMEM"); // two descriptors cannot be told from two others
        fails("poll", "EINTR", "ENOMEM", "EINVAL");
        returns("poll", 0, 5);
        fails("prctl", "EINVAL", "EPERM");
        returns("prctl", 0);
        fails("prlimit64", "EPERM", "EINVAL", "ENOSYS");
        returns("prlimit64", 0);
        fails("read", "EINTR", "EIO", "EBADF", "ECONNRESET");
        returns("read", 0);
        fails("readlink", "EACCES", "ENOENT", "ENAMETOOLONG", "ENOMEM");
        returns("readlink", 0);
        fails("rt_sigaction", "EINVAL");
        returns("rt_sigaction", 0);
        fails("send", "EPIPE", "ECONNRESET", "ENOBUFS", "ENOMEM", "EINTR");
        returns("send", 0);
        fails("setgid", "EINVAL");
        returns("setgid", 0); // as if a user could become root
        fails("setgroups", "EPERM", "EINVAL", "ENOMEM");
        returns("setgroups", 0);
        fails("setpriority", "EPERM", "EACCES");
        returns("setpriority", 0);
        fails("setresgid", "EPERM", "EINVAL");
        returns("setresgid", 0);
        fails("setresuid", "EPERM", "EAGAIN", "EINVAL");
        returns("setresuid", 0);
        fails("setsid", "EPERM");
        fails("setsockopt", "ENOPROTOOPT", "EINVAL");
        returns("setsockopt", 0);
        returns("setsid", 1);
        fails("setuid", "EAGAIN", "EINVAL");
        returns("setuid", 0); // as if a user could become root
        fails("signal", "EINVAL");
        returns("signal", 0);
        fails("sigprocmask", "EINVAL");
        returns("sigprocmask", 0);
        fails("socket", "EMFILE", "ENFILE", "ENOBUFS", "ENOMEM", "EAFNOSUPPORT", "EACCES");
        returns("socket", 77);
        fails("socketpair", "EMFILE", "ENFILE", "ENOMEM", "EAFNOSUPPORT"); // as pipe2
        fails("stat", "EACCES", "ENOENT", "EIO");
        returns("stat", 0);
        fails("sysconf", "EINVAL");
        returns("sysconf", 0);
        returns("umask", 0, 0777);
        fails("unlink", "EACCES", "EROFS", "EBUSY", "ENOENT");
        fails("waitpid", "EINTR");
        // If SIGCHLD is ignored, the kernel has reaped the process.
        effects("waitpid", new Effect.ExecutedButFails(Errno.ECHILD), new Effect.ExecutedButReturns(1));
        fails("write", "ENOSPC", "EIO", "EINTR");
        returns("write", 0, 3, 6);
        // The descriptor is closed, whatever close(2) returns.
        effects("close", new Effect.ExecutedButFails(Errno.EINTR), new Effect.ExecutedButFails(Errno.EIO),
                new Effect.ExecutedButReturns(77));
        returns("_exit", 0);
    }

    private void effects(String function, Effect... more) {
        effects.computeIfAbsent(function, _ -> new ArrayList<>()).addAll(List.of(more));
    }

    private void fails(String function, String... names) {
        Stream.of(names).map(name -> new Effect.Fails(Errno.named(name).orElseThrow()))
                .forEach(effect -> effects(function, effect));
    }

    private void returns(String function, long... results) {
        for (long result : results) {
            effects(function, new Effect.Returns(result));
        }
    }

    /**
     * Returns the name of a function.
     *
     * @throws IllegalArgumentException if the library does not call a function of this name
     */
    static String requireKnown(String function) {
        if (!EFFECTS.containsKey(function)) {
            throw new IllegalArgumentException("unknown function '" + function + "'; give one of "
                    + String.join(", ", EFFECTS.keySet()));
        }
        return function;
    }

    /**
     * Requires that a call may return 0 without being executed.
     *
     * @throws IllegalArgumentException if that does harm
     */
    static void requireHarmlessLie(String function) {
        if (EFFECTS.getOrDefault(requireKnown(function), List.of()).stream()
                .noneMatch(Effect.Returns.class::isInstance)) {
            throw new IllegalArgumentException("a lie about " + function
                    + " cannot be noticed before it does harm; let the call fail, or use Faults.of");
        }
    }

    /**
     * Returns the likely results of a call.
     *
     * @throws IllegalArgumentException if the function is not listed
     */
    static List<Effect> of(Faults.Call call) {
        List<Effect> likely = EFFECTS.get(call.function());
        if (likely == null) {
            throw new IllegalArgumentException("no faults are known of " + call.text());
        }
        List<Effect> all = new ArrayList<>(likely);
        if (call.place() == Place.LAUNCHER && call.function().equals("fork")) {
            all.addAll(List.of(new Effect.Returns(0), new Effect.Returns(1), new Effect.Returns(call.pid())));
        }
        return all;
    }

    /** Returns an effect for people. */
    static String text(Effect effect) {
        return switch (effect) {
            case Effect.Fails(Errno errno) -> "fails with " + errno.name();
            case Effect.ExecutedButFails(Errno errno) -> "is executed and fails with " + errno.name();
            case Effect.Returns(long result) -> "does nothing and returns " + result;
            case Effect.ExecutedButReturns(long result) -> "is executed and returns " + result;
            case Effect.Executed() -> "is executed";
        };
    }
}
