package io.github.daemonsteps.posix;

import io.github.daemonsteps.relay.RelayedProcess;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/**
 * A fork of this process that runs no Java: it waits, and makes the C calls it is asked for, one by one,
 * until it becomes another program.
 *
 * <p>{@code fork} keeps only the calling thread, and a JVM that has lost its other threads cannot run Java
 * any more. So the child runs a loop of machine code, the relay, and the thinking stays here. What only a
 * forked process may do is therefore found only in this interface: forking this JVM and going on in Java
 * cannot be written down.
 *
 * <p>Each call is a request with a deadline. If the process dies, or does not answer in time, it is ended and
 * reaped, and the call throws {@link ForkedProcessException}. If this JVM dies, the process sees end of file
 * when its current call returns, and ends itself: nothing half-made stays behind (see {@link #unlinkOnLauncherDeath}). {@link #close} ends and
 * reaps it, except after {@link #execve}, when it has become a program of its own.
 *
 * <p>Safe for use by several threads; their calls are made one after the other.
 */
public interface ForkedProcess extends Posix, Credentials, AutoCloseable {

    /** How long a request may take if nothing else is said. */
    Duration DEADLINE = Duration.ofSeconds(30);

    /** Forks this process, with {@link #DEADLINE} for each request and nobody told of the calls. */
    static ForkedProcess fork() {
        return fork(DEADLINE, call -> {
        });
    }

    /**
     * Forks this process.
     *
     * @param deadline how long each request may take, more than nothing
     * @param listener is told of each call, this fork the first, when it has returned
     * @throws PosixException if there can be no more processes (EAGAIN), memory (ENOMEM) or descriptors
     *        (EMFILE, ENFILE)
     * @throws IllegalCallerException if native access is denied to this module
     * @throws UnsupportedOperationException if this platform has no relay
     * @see <a href="https://man7.org/linux/man-pages/man2/fork.2.html">fork(2)</a>
     */
    static ForkedProcess fork(Duration deadline, Consumer<PosixCall> listener) {
        return RelayedProcess.fork(deadline, listener);
    }

    /**
     * From now on this listener, and no other, is told of each call when it has returned. It must not use
     * this process.
     */
    void setCallListener(Consumer<PosixCall> listener);

    /** The process's id. Another one after each {@link #fork}. */
    int pid();

    /**
     * The descriptor in that process through which it is led. It is above 2 and closed by exec; closing it
     * ends the process.
     */
    int controlFd();

    /** Whether it still waits for calls. */
    boolean isAlive();

    /**
     * Forks again and goes on as the child; the parent exits, and has ended when this returns. See fork(2).
     *
     * @return the new process's id
     */
    int forkExitingParent();

    /**
     * Forks again and goes on as the child, while the parent stays. So long as it does, it can be asked how its
     * child has ended ({@link #waitpid}), and keeps the number of the group it leads from being used again.
     *
     * <p>Closing this closes the child, closing what is returned the parent, with all its group if it leads one.
     * {@link #_exit} ends the parent and nobody else: its child is an orphan from then on.
     *
     * @return the parent, which waits for calls of its own
     * @throws IllegalStateException if that has been done before
     */
    ForkedProcess forkKeepingParent();

    /**
     * Has the process remove a name if this JVM dies before the process has become another program. The process lets go of
     * the file that is open as {@code fd}, opens what has the name then, and removes the name if it can take the lock of
     * that at once, see flock(2). So what a successor has put there and locked stays. Where no file is open as {@code fd}
     * nothing is removed, so this can be said before the file is made.
     *
     * <p>Under the same lock the companions are removed first. A companion that is missing does not keep the name from
     * being removed.
     *
     * <p>Each call replaces the one before, and holds for the child when the process forks. No request is sent to the
     * process. A process that is killed by a signal removes nothing, and one that is closed may or may not.
     *
     * @param companions files that belong to the file, two at most
     * @throws PosixException with ENAMETOOLONG if a path is longer than any path can be
     */
    void unlinkOnLauncherDeath(int fd, CString path, CString... companions);

    /**
     * Has a parent that stays do the same in place of its child, which may have lost the right to remove the name. The
     * parent first waits for the child's end, two seconds at most. Then it opens the file, and removes the names if it can
     * take the lock at once. A child that lives on as another program keeps its lock, and so does a successor that has
     * taken the name meanwhile: then nothing is removed.
     *
     * @param fd the lowest descriptor that is free in the parent, which the file will be opened as
     * @param pidfd the child's pidfd, in the parent
     */
    void unlinkOnLauncherDeath(int fd, int pidfd, CString path, CString... companions);

    /** Takes {@link #unlinkOnLauncherDeath} back. */
    void unlinkNothingIfAbandoned();

    /**
     * Becomes another program. When this returns it has, and this object has no more to do with it: {@link
     * #close} does nothing.
     *
     * @param path the program, absolute or relative to the process's directory; not searched for in {@code
     *        PATH}
     * @param arguments its argument vector, its name first
     * @param environment its environment, each {@code NAME=value}
     * @throws PosixException if it could not; the process is as it was
     * @throws ForkedProcessException if the process has ended and nothing shows that it ever ran the program
     * @see <a href="https://man7.org/linux/man-pages/man2/execve.2.html">execve(2)</a>
     */
    @Override
    void execve(CString path, List<CString> arguments, List<CString> environment);

    /** Ends the process with this status, without any clean-up. See _exit(2). */
    void _exit(int status);

    /**
     * Ends the process with SIGKILL and reaps it. Does nothing if it has ended, or has become a program of
     * its own.
     */
    @Override
    void close();
}
