package io.github.daemonsteps.testkit;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;

/** The functions of the C library that a test needs in its own process, and that Java does not offer. */
final class LibC {

    private static final Linker LINKER = Linker.nativeLinker();

    /** {@code int posix_openpt(int flags)} */
    private static final MethodHandle POSIX_OPENPT = function("posix_openpt", JAVA_INT, JAVA_INT);

    /** {@code int unlockpt(int fd)} */
    private static final MethodHandle UNLOCKPT = function("unlockpt", JAVA_INT, JAVA_INT);

    /** {@code int ptsname_r(int fd, char buf[], size_t buflen)} */
    private static final MethodHandle PTSNAME_R =
            function("ptsname_r", JAVA_INT, JAVA_INT, ADDRESS, JAVA_LONG);

    /** {@code ssize_t read(int fd, void buf[], size_t count)} */
    private static final MethodHandle READ = function("read", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG);

    /** {@code int poll(struct pollfd fds[], nfds_t nfds, int timeout)} */
    private static final MethodHandle POLL = function("poll", JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT);

    /** {@code ssize_t write(int fd, const void buf[], size_t count)} */
    private static final MethodHandle WRITE = function("write", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG);

    /** {@code int close(int fd)} */
    private static final MethodHandle CLOSE = function("close", JAVA_INT, JAVA_INT);

    /** {@code pid_t waitpid(pid_t pid, int *wstatus, int options)} */
    private static final MethodHandle WAITPID = function("waitpid", JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT);

    /** {@code int kill(pid_t pid, int sig)} */
    private static final MethodHandle KILL = function("kill", JAVA_INT, JAVA_INT, JAVA_INT);

    /** O_RDWR | O_NOCTTY | O_CLOEXEC, the same on x86-64 and aarch64; see open(2). */
    static final int TERMINAL_FLAGS = 02 | 0400 | 02000000;

    /** See poll(2). */
    private static final short POLLIN = 1;

    /** The time after which an interrupt is noticed. */
    private static final int POLL_MILLIS = 100;

    private static final int MAX_NAME = 100;

    private LibC() {
    }

    private static MethodHandle function(String name, MemoryLayout result, MemoryLayout... parameters) {
        return LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow(name),
                FunctionDescriptor.of(result, parameters));
    }

    /** Opens a new pseudo terminal, and returns the descriptor of its master. See posix_openpt(3). */
    static int openTerminal() {
        try {
            int master = (int) POSIX_OPENPT.invokeExact(TERMINAL_FLAGS);
            if (master < 0) {
                throw new IllegalStateException("this system has no pseudo terminal left");
            }
            return master;
        } catch (RuntimeException e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    /** Unlocks the terminal of a master, and returns its path. See unlockpt(3) and ptsname_r(3). */
    static Path unlockTerminal(int master) {
        try (var arena = Arena.ofConfined()) {
            MemorySegment name = arena.allocate(MAX_NAME);
            if ((int) UNLOCKPT.invokeExact(master) != 0
                    || (int) PTSNAME_R.invokeExact(master, name, (long) MAX_NAME) != 0) {
                throw new AssertionError("descriptor " + master + " is not the master of a pseudo terminal");
            }
            return Path.of(name.getString(0));
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    /**
     * Reads one byte. Returns -1 at the end, or if no process has the terminal open any more. See read(2).
     */
    static int read(int fd) throws InterruptedException {
        try (var arena = Arena.ofConfined()) {
            MemorySegment pollfd = arena.allocate(8, 4); // int fd; short events; short revents
            pollfd.set(JAVA_INT, 0, fd);
            pollfd.set(JAVA_SHORT, 4, POLLIN);
            while ((int) POLL.invokeExact(pollfd, 1L, POLL_MILLIS) == 0) {
                if (Thread.interrupted()) {
                    throw new InterruptedException("interrupted while it waits for the terminal");
                }
            }
            MemorySegment buffer = arena.allocate(1);
            long count = (long) READ.invokeExact(fd, buffer, 1L);
            return count == 1 ? Byte.toUnsignedInt(buffer.get(JAVA_BYTE, 0)) : -1;
        } catch (InterruptedException e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    /** Writes all of these bytes. See write(2). */
    static void write(int fd, byte[] bytes) {
        try (var arena = Arena.ofConfined()) {
            MemorySegment rest = arena.allocateFrom(JAVA_BYTE, bytes);
            while (rest.byteSize() > 0) {
                long count = (long) WRITE.invokeExact(fd, rest, rest.byteSize());
                if (count < 0) {
                    throw new AssertionError("descriptor " + fd + " cannot be written to");
                }
                rest = rest.asSlice(count);
            }
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    /** Closes a descriptor. See close(2). */
    static void close(int fd) {
        try {
            int _ = (int) CLOSE.invokeExact(fd);
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    /** Sends a signal to a process, if the process exists. See kill(2). */
    static void kill(int pid, int signal) {
        try {
            int _ = (int) KILL.invokeExact(pid, signal);
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    /**
     * Waits for the exit of a child of this process, and reaps the child. No effect for another process. See
     * waitpid(2).
     */
    static void reap(int pid) {
        try {
            int _ = (int) WAITPID.invokeExact(pid, MemorySegment.NULL, 0);
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }
}
