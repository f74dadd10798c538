package io.github.daemonsteps.posix;

import io.github.daemonsteps.ffm.NativePosix;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The calls of the C library that this process and a forked one can make. The methods have the names of C and
 * the types of Java.
 *
 * <p>{@link NativePosix} makes the calls in this process, a {@link ForkedProcess} in another one. Paths and
 * arguments are {@linkplain CString bytes}. Descriptors, process ids and process groups are ints, as in C.
 *
 * <p>Each method throws {@link PosixException} when the call fails, with the call, its arguments and errno.
 * In a forked process each method may also throw {@link ForkedProcessException}, if that process has ended.
 *
 * <p>Calls that change the process itself are for forked processes: {@link #chdir}, {@link #umask},
 * {@link #close}, {@link #dup2}, {@link #setsid}, {@link #signal}. In a running JVM these calls work as in C,
 * and the JVM does not notice the change. The JVM keeps its old notion of the working directory, and crashes
 * if one of its own descriptors is closed. {@link #execve} in a JVM ends all its threads without a shutdown
 * hook. The process then goes on as the other program.
 */
public interface Posix {

    /** Returns the id of the process. See getpid(2). */
    int getpid();

    /**
     * Returns the id of the parent. After the parent's end, returns 1 or the id of the nearest subreaper. See
     * getppid(2).
     */
    int getppid();

    /**
     * Returns the process group of {@code pid}, or of the caller if {@code pid} is 0.
     *
     * @see <a href="https://man7.org/linux/man-pages/man2/getpgid.2.html">getpgid(2)</a>
     */
    int getpgid(int pid);

    /**
     * Returns the session of {@code pid}, or of the caller if {@code pid} is 0. The session's id is that of
     * its leader. See getsid(2).
     */
    int getsid(int pid);

    /**
     * Moves the process {@code pid} to the process group {@code pgid}. See setpgid(2).
     *
     * @param pid the process; 0 for the caller
     * @param pgid the group; 0 for a new group that the process leads
     */
    void setpgid(int pid, int pgid);

    /**
     * Makes the caller leader of a new session and of a new process group, without a controlling terminal.
     * See setsid(2).
     *
     * @return the session's id, which is the caller's own id
     * @throws PosixException with EPERM if the caller leads a process group
     */
    int setsid();

    /** Returns the real user id. See getuid(2). */
    long getuid();

    /** Returns the real group id. See getgid(2). */
    long getgid();

    /**
     * Checks that the real user has permissions for the file at a path, and throws otherwise. Follows
     * symbolic links. See access(2).
     *
     * @param path the path
     * @param modes the permissions
     * @throws PosixException with EACCES if the user does not have them, ENOENT if the file does not exist,
     *         EROFS if the file system is read-only
     */
    void access(CString path, Set<AccessMode> modes);

    /** Makes {@code directory} the current directory. See chdir(2). */
    void chdir(CString directory);

    /** Sets the permission bits that new files do not get, and returns the previous bits. See umask(2). */
    FileMode umask(FileMode mask);

    /**
     * Opens a file.
     *
     * @param path the file
     * @param flags the flags of open(2)
     * @param mode the permissions of a file that the call creates, before the umask
     * @return the lowest descriptor that was free
     * @see <a href="https://man7.org/linux/man-pages/man2/open.2.html">open(2)</a>
     */
    int open(CString path, Set<OpenFlag> flags, FileMode mode);

    /**
     * Closes a descriptor. The descriptor is closed even if the call fails with EINTR, so the call is never
     * repeated. See close(2).
     */
    void close(int fd);

    /** Closes these descriptors, in this order, and stops at the first failure. */
    void close(List<Integer> fds);

    /**
     * Closes every descriptor from {@code first} to {@code last}, both included. The cost depends on the
     * number of open descriptors, not on the width of the range. See close_range(2).
     *
     * @param first the lowest descriptor to close
     * @param last the highest descriptor to close; -1 for the highest possible one
     * @throws PosixException with ENOSYS before Linux 5.9, or EPERM under some old container filters
     */
    void close_range(int first, int last);

    /**
     * Duplicates {@code from} to {@code to}, after closing the file that {@code to} was open on. See dup2(2).
     */
    int dup2(int from, int to);

    /**
     * Changes the owner and the group of the file at a path. Follows symbolic links. See chown(2).
     *
     * @param uid the owner; -1 for no change
     * @param gid the group; -1 for no change
     * @throws PosixException with EPERM if the process may not give the file away
     */
    void chown(CString path, long uid, long gid);

    /** Sets the permissions of an open file. See fchmod(2). */
    void fchmod(int fd, FileMode mode);

    /**
     * Locks an open file without waiting ({@code LOCK_NB}). The lock belongs to this opening of the file, and
     * lasts until every descriptor that shares the opening is closed. See flock(2).
     *
     * @throws PosixException with EWOULDBLOCK, which is EAGAIN, if another opening holds a conflicting lock
     */
    void flock(int fd, FlockOperation lock);

    /**
     * Locks an open file as {@link #flock} does.
     *
     * @return false if another opening holds a conflicting lock
     */
    default boolean tryFlock(int fd, FlockOperation lock) {
        try {
            flock(fd, lock);
            return true;
        } catch (PosixException e) {
            if (e.errno().equals(Errno.EAGAIN)) {
                return false;
            }
            throw e;
        }
    }

    /** Writes the data of a file that the system still buffers to the device. See fsync(2). */
    void fsync(int fd);

    /** Truncates an open file to this length in bytes, or extends it with zeros. See ftruncate(2). */
    void ftruncate(int fd, long length);

    /** Returns whether execve(2) closes a descriptor. See fcntl(2), F_GETFD. */
    boolean isCloseOnExec(int fd);

    /** Sets whether execve(2) closes a descriptor. See fcntl(2), F_SETFD. */
    void setCloseOnExec(int fd, boolean closeOnExec);

    /**
     * Sets the status flags of the file that a descriptor is open on: {@link OpenFlag#O_APPEND} and
     * {@link OpenFlag#O_NONBLOCK}. Other flags have no effect. See fcntl(2), F_SETFL.
     */
    void setStatusFlags(int fd, Set<OpenFlag> flags);

    /**
     * Duplicates a descriptor to the lowest free number that is not below {@code lowest}, close-on-exec. See
     * fcntl(2), F_DUPFD_CLOEXEC.
     */
    int duplicateFrom(int fd, int lowest);

    /**
     * Creates a pipe.
     *
     * @param flags any of O_CLOEXEC and O_NONBLOCK
     * @see <a href="https://man7.org/linux/man-pages/man2/pipe.2.html">pipe2(2)</a>
     */
    Pipe pipe2(Set<OpenFlag> flags);

    /**
     * The two ends of a pipe.
     *
     * @param readEnd the descriptor to read from
     * @param writeEnd the descriptor to write to
     */
    record Pipe(int readEnd, int writeEnd) {}

    /**
     * Reads at most {@code count} bytes, and at most 64 KiB at once. An empty array means end of file. See
     * read(2).
     */
    byte[] read(int fd, int count);

    /** Writes some of these bytes, at most 64 KiB at once, and returns the number written. See write(2). */
    int write(int fd, byte[] bytes);

    /** Returns the status of an open file. See fstat(2). */
    FileStatus fstat(int fd);

    /** Returns the status of the file at a path. Symbolic links are followed. See stat(2). */
    FileStatus stat(CString path);

    /**
     * Returns the status of the file at a path; empty if the status cannot be read, for whatever reason. See
     * stat(2).
     */
    default Optional<FileStatus> tryStat(CString path) {
        try {
            return Optional.of(stat(path));
        } catch (PosixException e) {
            return Optional.empty();
        }
    }

    /** Returns the status of the file at a path. A symbolic link is not followed. See lstat(2). */
    FileStatus lstat(CString path);

    /** Removes a name of a file. See unlink(2). */
    void unlink(CString path);

    /**
     * Reaps a child of the process if the child has ended, without waiting for it. See waitpid(2).
     *
     * @throws PosixException with ECHILD if {@code pid} is not a child of this process, or is already reaped.
     *         Another caller may have reaped the child, or the kernel because SIGCHLD is ignored
     */
    WaitStatus waitpid(int pid);

    /** Sends a signal to a process, or to a process group if {@code pid} is negative. See kill(2). */
    void kill(int pid, Signal signal);

    /**
     * Returns a close-on-exec descriptor of this very process, even if its number is reused later. The
     * descriptor is readable once the process has ended. See pidfd_open(2).
     *
     * @throws PosixException with ENOSYS before Linux 5.3, or EPERM under some old container filters
     */
    int pidfd_open(int pid);

    /** Sends a signal to the process of a pidfd. See pidfd_send_signal(2). */
    void pidfd_send_signal(int pidfd, Signal signal);

    /** Makes the process ignore a signal, or restores the default effect of the signal. See signal(2). */
    void signal(Signal signal, SignalDisposition disposition);

    /** Sets the disposition of several signals, and stops at the first failure. */
    void signal(SignalSet signals, SignalDisposition disposition);

    /** Changes the set of blocked signals, and returns the previous set. See sigprocmask(2). */
    SignalSet sigprocmask(SigprocmaskHow change, SignalSet signals);

    /**
     * Creates a socket, close-on-exec. See socket(2).
     *
     * @return the lowest descriptor that was free
     */
    int socket(SocketFamily family, SocketType type);

    /**
     * Gives a socket an address. A Unix path becomes a file, which must not exist, with the permissions that
     * the umask leaves. See bind(2).
     *
     * @throws PosixException with EADDRINUSE if another socket has the address, or a file has the path;
     *         EACCES if the process may not bind the port or create the file; EADDRNOTAVAIL if this machine
     *         does not have the address
     */
    void bind(int fd, SocketAddress address);

    /**
     * Marks a socket as listening. See listen(2).
     *
     * @param backlog the maximum number of connections that wait; the kernel lowers the number to
     *         {@code net.core.somaxconn}
     * @throws PosixException with EADDRINUSE if another socket listens on the port
     */
    void listen(int fd, int backlog);

    /** Turns an option of a socket on or off. See setsockopt(2). */
    void setsockopt(int fd, SocketOption option, boolean on);

    /**
     * Returns the address of a socket, as the kernel has it: with the port that it chose, and for a Unix
     * socket without an address the empty path. See getsockname(2).
     *
     * @throws UnsupportedOperationException if the address is neither an internet address nor a Unix
     *         address, or a Unix address with a NUL in its name
     */
    SocketAddress getsockname(int fd);

    /**
     * Becomes another program.
     *
     * @param path the program, absolute or relative to the process's directory; not searched for in
     *         {@code PATH}
     * @param arguments the argument vector, with the name first
     * @param environment the environment, each {@code NAME=value}
     * @throws PosixException if the call failed; the process is unchanged
     * @see <a href="https://man7.org/linux/man-pages/man2/execve.2.html">execve(2)</a>
     */
    void execve(CString path, List<CString> arguments, List<CString> environment);

    /** Calls {@link #chdir(CString)} with the UTF-8 bytes of a path. */
    default void chdir(String directory) {
        chdir(CString.of(directory));
    }

    /**
     * Calls {@link #open(CString, Set, FileMode)} with the UTF-8 bytes of a path, for existing files: without
     * a mode.
     */
    default int open(String path, OpenFlag... flags) {
        return open(CString.of(path), Set.of(flags), FileMode.of(0));
    }

    /** Calls {@link #stat(CString)} with the UTF-8 bytes of a path. */
    default FileStatus stat(String path) {
        return stat(CString.of(path));
    }
}
