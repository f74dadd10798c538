package io.github.daemonsteps.ffm;

import static io.github.daemonsteps.ffm.CFunction.CallSite.BOTH;
import static io.github.daemonsteps.ffm.CFunction.CallSite.CHILD;
import static io.github.daemonsteps.ffm.CFunction.CallSite.LAUNCHER;

import io.github.daemonsteps.ffm.libc.Signature;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;

/**
 * The C functions that are called, and where each may be called.
 *
 * <p>Results and parameters have the types of the generated table {@link Signature}: integers and pointers,
 * at most six. So on every platform each travels in a register of its own: see {@link Downcall}.
 */
public enum CFunction {

    __ERRNO_LOCATION(Signature.__errno_location, LAUNCHER),
    _EXIT(Signature._exit, CHILD),
    ACCESS(Signature.access, BOTH),
    BIND(Signature.bind, BOTH),
    CHDIR(Signature.chdir, BOTH),
    CHOWN(Signature.chown, BOTH),
    CLOCK_GETTIME(Signature.clock_gettime, LAUNCHER),
    CLOSE(Signature.close, BOTH),
    DUP2(Signature.dup2, BOTH),
    EXECVE(Signature.execve, BOTH),
    FCHMOD(Signature.fchmod, BOTH),
    FCHOWN(Signature.fchown, LAUNCHER),
    FCNTL(Signature.fcntl, BOTH),
    FLOCK(Signature.flock, BOTH),
    FORK(Signature.fork, CHILD),
    FSTAT(Signature.fstat, BOTH),
    FSYNC(Signature.fsync, BOTH),
    FTRUNCATE(Signature.ftruncate, BOTH),
    GETGID(Signature.getgid, BOTH),
    GETGRNAM_R(Signature.getgrnam_r, LAUNCHER),
    GETGROUPLIST(Signature.getgrouplist, LAUNCHER),
    GETPGID(Signature.getpgid, BOTH),
    GETPID(Signature.getpid, BOTH),
    GETPPID(Signature.getppid, BOTH),
    GETPWNAM_R(Signature.getpwnam_r, LAUNCHER),
    GETPWUID_R(Signature.getpwuid_r, LAUNCHER),
    GETSID(Signature.getsid, BOTH),
    GETSOCKNAME(Signature.getsockname, BOTH),
    GETUID(Signature.getuid, BOTH),
    KILL(Signature.kill, BOTH),
    LISTEN(Signature.listen, BOTH),
    LSTAT(Signature.lstat, BOTH),
    MADVISE(Signature.madvise, LAUNCHER),
    MKDIR(Signature.mkdir, LAUNCHER),
    MMAP(Signature.mmap, LAUNCHER),
    MPROTECT(Signature.mprotect, LAUNCHER),
    MUNMAP(Signature.munmap, LAUNCHER),
    OPEN(Signature.open, BOTH),
    PIPE2(Signature.pipe2, BOTH),
    POLL(Signature.poll, BOTH),
    READ(Signature.read, BOTH),
    READLINK(Signature.readlink, LAUNCHER),
    SEND(Signature.send, LAUNCHER),
    SENDMSG(Signature.sendmsg, LAUNCHER),
    SETPGID(Signature.setpgid, BOTH),
    SETSID(Signature.setsid, BOTH),
    SETSOCKOPT(Signature.setsockopt, BOTH),
    SIGNAL(Signature.signal, BOTH),
    SIGPROCMASK(Signature.sigprocmask, BOTH),
    SOCKET(Signature.socket, BOTH),
    SOCKETPAIR(Signature.socketpair, LAUNCHER),
    STAT(Signature.stat, BOTH),
    SYSCALL(Signature.syscall, BOTH),
    SYSCONF(Signature.sysconf, LAUNCHER),
    UMASK(Signature.umask, BOTH),
    UNLINK(Signature.unlink, BOTH),
    WAITPID(Signature.waitpid, BOTH),
    WRITE(Signature.write, BOTH);

    /**
     * Where a function may be called.
     *
     * <p>Between fork and exec only two kinds of functions are allowed: those that signal-safety(7) lists,
     * and bare wrappers of a system call (flock, getsid, getpgid, pipe2, syscall). Any other function might
     * wait for a lock that another thread held at the moment of the fork.
     */
    enum CallSite {
        BOTH, LAUNCHER, CHILD
    }

    private final Signature signature;
    private final CallSite where;

    CFunction(Signature signature, CallSite where) {
        this.signature = signature;
        this.where = where;
    }

    /** Returns the name of the function in C. */
    String symbol() {
        return signature.name();
    }

    Signature signature() {
        return signature;
    }

    boolean allowedInLauncher() {
        return where != CHILD;
    }

    public boolean allowedInChild() {
        return where != LAUNCHER;
    }

    /**
     * Returns the address of the function in this process, and so in every child that it forks.
     *
     * @throws java.util.NoSuchElementException if the C library has no such function
     */
    public MemorySegment address() {
        return Linker.nativeLinker().defaultLookup().findOrThrow(symbol());
    }

    /**
     * Returns the result, from the register. Only a {@code long} and a pointer fill the register's upper
     * half; after an {@code int} that half is undefined.
     */
    long narrow(long register) {
        return switch (signature.result()) {
            case VOID -> 0;
            case INT -> (int) register;
            case LONG, POINTER -> register;
        };
    }
}
