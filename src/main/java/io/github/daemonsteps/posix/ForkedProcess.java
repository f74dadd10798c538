package io.github.daemonsteps.posix;

import io.github.daemonsteps.relay.RelayedProcess;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A fork of this process that runs no Java. The forked process waits, and makes the requested C calls one by
 * one, until it becomes another program.
 *
 * <p>{@code fork} keeps only the calling thread, and a JVM without its other threads can no longer run Java.
 * The child therefore runs a loop of machine code, the relay, and all decisions stay in this JVM. Calls that
 * only a forked process may make are found only in this interface. The API thus offers no way to fork this
 * JVM and go on in Java.
 *
 * <p>Each call is a request with a deadline. If the process dies, or does not answer in time, it is killed
 * and reaped, and the call throws {@link ForkedProcessException}. If this JVM dies, the process sees end of
 * file when its current call returns, and exits. Nothing half-made is left (see
 * {@link #unlinkOnLauncherDeath}). {@link #close} kills and reaps the process, unless {@link #execve} has
 * made it a program of its own.
 *
 * <p>The interface is safe for use by several threads; their calls are made one after the other.
 */
public interface ForkedProcess extends Posix, Credentials, AutoCloseable {

    /** The default time limit of a request. */
    Duration DEADLINE = Duration.ofSeconds(30);

    /** Forks this process, with {@link #DEADLINE} for each request and without a call listener. */
    static ForkedProcess fork() {
        return fork(DEADLINE, call -> {
        });
    }

    /**
     * Forks this process.
     *
     * @param deadline the time limit of each request, more than zero
     * @param listener receives each call after the call has returned; this fork is the first
     * @throws PosixException if the limit of processes (EAGAIN), memory (ENOMEM) or descriptors (EMFILE,
     *         ENFILE) is reached
     * @throws IllegalCallerException if native access is denied to this module
     * @throws UnsupportedOperationException if the relay does not support this platform
     * @see <a href="https://man7.org/linux/man-pages/man2/fork.2.html">fork(2)</a>
     */
    static ForkedProcess fork(Duration deadline, Consumer<PosixCall> listener) {
        return RelayedProcess.fork(deadline, listener);
    }

    /**
     * Forks this process. All calls, here and in the forked processes, go through an interceptor.
     *
     * @param deadline the time limit of each request, more than zero
     * @param listener receives each call after the call has returned; this fork is the first
     * @param interceptor is asked about each call
     * @throws PosixException as {@link #fork(Duration, Consumer)} does, or because of the interceptor
     */
    static ForkedProcess fork(Duration deadline, Consumer<PosixCall> listener, CallInterceptor interceptor) {
        return fork(deadline, listener, interceptor, StandardDescriptors.COUNT);
    }

    /**
     * Forks this process, and keeps the control descriptor away from the lower numbers.
     *
     * @param deadline the time limit of each request, more than zero
     * @param listener receives each call after the call has returned; this fork is the first
     * @param interceptor is asked about each call; null for none
     * @param controlFrom the lowest number that {@link #controlFd} may have, above 2
     * @throws PosixException as {@link #fork(Duration, Consumer)} does, or because of the interceptor
     */
    static ForkedProcess fork(Duration deadline, Consumer<PosixCall> listener,
            @Nullable CallInterceptor interceptor, int controlFrom) {
        return RelayedProcess.fork(deadline, listener, interceptor, controlFrom);
    }

    /**
     * Replaces the call listener. The listener receives each call after the call has returned, and must not
     * use this process.
     *
     * @param listener the only listener from now on
     */
    void setCallListener(Consumer<PosixCall> listener);

    /** Returns the id of the process. Each {@link #fork} changes the id. */
    int pid();

    /**
     * Returns the control descriptor in that process. The descriptor is above 2 and closed by exec; closing
     * it makes the process exit.
     */
    int controlFd();

    /**
     * Returns the number of requests that were sent to the process. A process of which the number is the same
     * has waited meanwhile, and has not changed anything itself.
     */
    long requestCount();

    /** Returns whether the process still waits for calls. */
    boolean isAlive();

    /**
     * Forks again and goes on as the child. The parent exits, and has exited when this method returns. See
     * fork(2).
     *
     * @return the id of the new process
     */
    int forkExitingParent();

    /**
     * Forks again and goes on as the child, while the parent stays. As long as the parent stays,
     * {@link #waitpid} in the parent tells how its child has ended. The parent also keeps the number of the
     * group that it leads from being used again.
     *
     * <p>Closing this object closes the child. Closing the returned object closes the parent, with the whole
     * group that it leads. {@link #_exit} ends only the parent: its child is an orphan from then on.
     *
     * @return the parent, which waits for calls of its own
     * @throws IllegalStateException if a parent already stays
     */
    ForkedProcess forkKeepingParent();

    /**
     * Makes the process remove a name if this JVM dies before the process has become another program. The
     * process first closes {@code fd}, and opens the file that has the name at that time. The process removes
     * the name if it can acquire the lock of that file at once, see flock(2). A file that a successor has
     * created and locked therefore stays. If no file is open as {@code fd}, the process removes nothing. So a
     * caller may call this method before it creates the file.
     *
     * <p>The process removes the companions first, under the same lock. A missing companion does not keep the
     * process from removing the name.
     *
     * <p>Each call replaces the one before, and holds for the child when the process forks. The method sends
     * no request to the process. A process that is killed by a signal removes nothing, and a closed process
     * may or may not.
     *
     * @param fd the descriptor of the file in the process
     * @param path the name to remove
     * @param companions files that belong to the file, two at most
     * @throws PosixException with ENAMETOOLONG if a path is longer than {@link CString#PATH_MAX} allows
     */
    void unlinkOnLauncherDeath(int fd, CString path, CString... companions);

    /**
     * Makes a parent that stays remove the names in place of its child. The child may have lost the right to
     * remove them. The parent first waits for the child's end, two seconds at most. Then the parent opens the
     * file, and removes the names if it can acquire the lock at once. A child that lives on as another
     * program keeps its lock. A successor that has meanwhile taken the name keeps its lock too. In both cases
     * the parent removes nothing.
     *
     * @param fd the lowest descriptor that is free in the parent; the parent opens the file as this
     *         descriptor
     * @param pidfd the child's pidfd, in the parent
     * @param path the name to remove
     * @param companions files that belong to the file, two at most
     */
    void unlinkOnLauncherDeath(int fd, int pidfd, CString path, CString... companions);

    /** Cancels {@link #unlinkOnLauncherDeath}. */
    void cancelUnlinkOnLauncherDeath();

    /**
     * Becomes another program. When the method returns, the process is the other program and this object is
     * detached: {@link #close} does nothing.
     *
     * @param path the program, absolute or relative to the process's directory; not searched for in
     *         {@code PATH}
     * @param arguments the argument vector, with the name first
     * @param environment the environment, each {@code NAME=value}
     * @throws PosixException if the call failed; the process is unchanged
     * @throws ForkedProcessException if the process has ended and nothing shows that it ever ran the program
     * @see <a href="https://man7.org/linux/man-pages/man2/execve.2.html">execve(2)</a>
     */
    @Override
    void execve(CString path, List<CString> arguments, List<CString> environment);

    /** Ends the process with this exit status, without any clean-up. See _exit(2). */
    void _exit(int status);

    /**
     * Kills the process with SIGKILL and reaps it. Does nothing if the process has ended, or has become a
     * program of its own.
     */
    @Override
    void close();
}
