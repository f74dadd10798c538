package io.github.daemonsteps.ffm;

import static io.github.daemonsteps.ffm.CFunction.CallSite.ANYWHERE;
import static io.github.daemonsteps.ffm.CFunction.CallSite.CHILD_ONLY;
import static io.github.daemonsteps.ffm.CFunction.CallSite.LAUNCHER_ONLY;
import static io.github.daemonsteps.ffm.CFunction.Type.INT;
import static io.github.daemonsteps.ffm.CFunction.Type.LONG;
import static io.github.daemonsteps.ffm.CFunction.Type.POINTER;
import static io.github.daemonsteps.ffm.CFunction.Type.VOID;

import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Locale;

/**
 * The C functions that are called, their types, and where they may be.
 *
 * <p>The types are compared with the generated bindings of every platform, and those with the C headers, by
 * tests. All of them are integers and pointers and at most six, so that on every platform there is they
 * travel in registers, each in one of its own: see {@link Downcall}.
 */
public enum CFunction {

    __ERRNO_LOCATION(LAUNCHER_ONLY, POINTER),
    _EXIT(CHILD_ONLY, VOID, INT),
    ACCESS(ANYWHERE, INT, POINTER, INT),
    CHDIR(ANYWHERE, INT, POINTER),
    CLOSE(ANYWHERE, INT, INT),
    DUP2(ANYWHERE, INT, INT, INT),
    EXECVE(ANYWHERE, INT, POINTER, POINTER, POINTER),
    FCHMOD(ANYWHERE, INT, INT, INT),
    FCHOWN(LAUNCHER_ONLY, INT, INT, INT, INT),
    FCNTL(ANYWHERE, INT, INT, INT, INT),
    FLOCK(ANYWHERE, INT, INT, INT),
    FORK(CHILD_ONLY, INT),
    FSTAT(ANYWHERE, INT, INT, POINTER),
    FSYNC(ANYWHERE, INT, INT),
    FTRUNCATE(ANYWHERE, INT, INT, LONG),
    GETGID(ANYWHERE, INT),
    GETGRNAM_R(LAUNCHER_ONLY, INT, POINTER, POINTER, POINTER, LONG, POINTER),
    GETGROUPLIST(LAUNCHER_ONLY, INT, POINTER, INT, POINTER, POINTER),
    GETPGID(ANYWHERE, INT, INT),
    GETPID(ANYWHERE, INT),
    GETPPID(ANYWHERE, INT),
    GETPWNAM_R(LAUNCHER_ONLY, INT, POINTER, POINTER, POINTER, LONG, POINTER),
    GETPWUID_R(LAUNCHER_ONLY, INT, INT, POINTER, POINTER, LONG, POINTER),
    GETSID(ANYWHERE, INT, INT),
    GETUID(ANYWHERE, INT),
    KILL(ANYWHERE, INT, INT, INT),
    LSTAT(ANYWHERE, INT, POINTER, POINTER),
    MKDIR(LAUNCHER_ONLY, INT, POINTER, INT),
    MMAP(LAUNCHER_ONLY, POINTER, POINTER, LONG, INT, INT, INT, LONG),
    MPROTECT(LAUNCHER_ONLY, INT, POINTER, LONG, INT),
    MUNMAP(LAUNCHER_ONLY, INT, POINTER, LONG),
    OPEN(ANYWHERE, INT, POINTER, INT, INT),
    PIPE2(ANYWHERE, INT, POINTER, INT),
    POLL(ANYWHERE, INT, POINTER, LONG, INT),
    READ(ANYWHERE, LONG, INT, POINTER, LONG),
    READLINK(LAUNCHER_ONLY, LONG, POINTER, POINTER, LONG),
    SEND(LAUNCHER_ONLY, LONG, INT, POINTER, LONG, INT),
    SETPGID(ANYWHERE, INT, INT, INT),
    SETSID(ANYWHERE, INT),
    SIGNAL(ANYWHERE, POINTER, INT, POINTER),
    SIGPROCMASK(ANYWHERE, INT, INT, POINTER, POINTER),
    SOCKETPAIR(LAUNCHER_ONLY, INT, INT, INT, INT, POINTER),
    STAT(ANYWHERE, INT, POINTER, POINTER),
    SYSCALL(ANYWHERE, LONG, LONG, LONG, LONG, LONG, LONG),
    SYSCONF(LAUNCHER_ONLY, LONG, INT),
    UMASK(ANYWHERE, INT, INT),
    UNLINK(ANYWHERE, INT, POINTER),
    WAITPID(ANYWHERE, INT, INT, POINTER, INT),
    WRITE(ANYWHERE, LONG, INT, POINTER, LONG);

    /**
     * The types of C that occur. {@code mode_t}, {@code pid_t}, {@code uid_t} are ints, {@code size_t} is a
     * long.
     */
    enum Type {
        VOID, INT, LONG, POINTER
    }

    /**
     * Where a function may be called.
     *
     * <p>Between fork and exec it may be one that signal-safety(7) lists or a bare wrapper of a system call
     * (flock, getsid, getpgid, pipe2, syscall): nothing that takes a lock another thread may have held at the moment
     * of the fork.
     */
    enum CallSite {
        ANYWHERE, LAUNCHER_ONLY, CHILD_ONLY
    }

    private final CallSite where;
    private final Type result;
    private final List<Type> parameters;

    CFunction(CallSite where, Type result, Type... parameters) {
        this.where = where;
        this.result = result;
        this.parameters = List.of(parameters);
    }

    /** Its name in C. */
    String symbol() {
        return name().toLowerCase(Locale.ROOT);
    }

    Type result() {
        return result;
    }

    List<Type> parameters() {
        return parameters;
    }

    boolean allowedInLauncher() {
        return where != CHILD_ONLY;
    }

    public boolean allowedInChild() {
        return where != LAUNCHER_ONLY;
    }

    /**
     * Where the function lies in this process, and so in every child it forks.
     *
     * <p>It is looked up as the generated binding does, but not through it: there an address comes with a
     * method handle that nobody here uses, and linking that costs some milliseconds for each kind of
     * function.
     *
     * @throws java.util.NoSuchElementException if the C library has no such function
     */
    public MemorySegment address() {
        return Linker.nativeLinker().defaultLookup().findOrThrow(symbol());
    }

    /**
     * What it returned, from the register. Of the register's upper half only C's {@code long} and pointers
     * have a use; for an {@code int} it is undefined.
     */
    long narrow(long register) {
        return switch (result) {
            case VOID -> 0;
            case INT -> (int) register;
            case LONG, POINTER -> register;
        };
    }
}
