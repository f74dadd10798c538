package io.github.daemonsteps.posix;

import io.github.daemonsteps.ffm.NativePosix;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The C library, under its own names and with the types of Java: what both this process and a forked one can
 * do.
 *
 * <p>{@link NativePosix} calls it in this process, a {@link ForkedProcess} in another one. Paths and
 * arguments are
 * {@linkplain CString bytes}. Descriptors, process ids and process groups are ints, as in C.
 *
 * <p>Each method throws {@link PosixException} when the call fails, with the call, its arguments and errno.
 * In a forked process each may also throw {@link ForkedProcessException}, when that process is no more.
 *
 * <p>Calls that change the process itself ({@link #chdir}, {@link #umask}, {@link #close}, {@link #dup2},
 * {@link #setsid},
 * {@link #signal}) are for forked processes. In a running JVM they work as they do in C, and the JVM does not
 * know of it: it goes on believing in its old directory, and it dies of a closed descriptor of its own.
 * {@link #execve} there ends the JVM, with all its threads and without a shutdown hook, and the process goes on
 * as the other program.
 */
public interface Posix {

    /** This process's id. See getpid(2). */
    int getpid();

    /** Its parent's id: 1 or that of the nearest subreaper once the parent has ended. See getppid(2). */
    int getppid();

    /**
     * The process group of {@code pid}, or of the caller if that is 0.
     *
     * @see <a href="https://man7.org/linux/man-pages/man2/getpgid.2.html">getpgid(2)</a>
     */
    int getpgid(int pid);

    /** The session of {@code pid}, or of the caller if that is 0: its leader's id. See getsid(2). */
    int getsid(int pid);

    /**
     * Moves {@code pid} (0: the caller) to the process group {@code pgid} (0: one of its own, led by it). See
     * setpgid(2).
     */
    void setpgid(int pid, int pgid);

    /**
     * Makes the caller leader of a new session and of a new process group, with no controlling terminal. See
     * setsid(2).
     *
     * @return the session's id: the caller's own
     * @throws PosixException with EPERM if the caller leads a process group
     */
    int setsid();

    /** The real user id. See getuid(2). */
    long getuid();

    /** The real group id. See getgid(2). */
    long getgid();

    /**
     * Returns if the real user may execute the file at a path; symbolic links are followed. See access(2).
     *
     * @throws PosixException with EACCES if not, ENOENT if there is none
     */
    void accessExecutable(CString path);

    /** Makes {@code directory} the current one. See chdir(2). */
    void chdir(CString directory);

    /** Sets the permission bits that new files do not get, and returns those until now. See umask(2). */
    FileMode umask(FileMode mask);

    /**
     * Opens a file.
     *
     * @param mode the permissions of a file it creates, before the umask
     * @return the lowest descriptor that was free
     * @see <a href="https://man7.org/linux/man-pages/man2/open.2.html">open(2)</a>
     */
    int open(CString path, Set<OpenFlag> flags, FileMode mode);

    /**
     * Closes a descriptor. It is closed even if this fails with EINTR, and is never tried again. See
     * close(2).
     */
    void close(int fd);

    /** Closes these descriptors, in this order, and stops at the first failure. */
    void close(List<Integer> fds);

    /**
     * Closes every descriptor from {@code first} to {@code last}, both included; -1 stands for the highest
     * there can be. It costs what is open there, however wide the range is. See close_range(2).
     *
     * @throws PosixException with ENOSYS before Linux 5.9, or EPERM under some old container filters
     */
    void close_range(int first, int last);

    /** Makes {@code to} another name of what {@code from} is; what it was before is closed. See dup2(2). */
    int dup2(int from, int to);

    /** Sets the permissions of an open file. See fchmod(2). */
    void fchmod(int fd, FileMode mode);

    /**
     * Locks an open file and does not wait ({@code LOCK_NB}): the lock is that of this opening, and lasts
     * until every descriptor that shares the opening is closed. See flock(2).
     *
     * @throws PosixException with EWOULDBLOCK, which is EAGAIN, if somebody else's lock is in the way
     */
    void flock(int fd, FlockOperation lock);

    /** Writes what the system still holds of a file to its device. See fsync(2). */
    void fsync(int fd);

    /** Cuts an open file to this length in bytes, or extends it with zeros. See ftruncate(2). */
    void ftruncate(int fd, long length);

    /** Returns whether execve(2) closes a descriptor. See fcntl(2), F_GETFD. */
    boolean isCloseOnExec(int fd);

    /** Sets whether execve(2) closes a descriptor. See fcntl(2), F_SETFD. */
    void setCloseOnExec(int fd, boolean closeOnExec);

    /**
     * Sets the status flags of the file that a descriptor is open on: {@link OpenFlag#O_APPEND} and {@link
     * OpenFlag#O_NONBLOCK}. Other flags have no effect. See fcntl(2), F_SETFL.
     */
    void setStatusFlags(int fd, Set<OpenFlag> flags);

    /**
     * Duplicates a descriptor to the lowest free number that is not below {@code lowest}, close-on-exec. See fcntl(2),
     * F_DUPFD_CLOEXEC.
     */
    int duplicateFrom(int fd, int lowest);

    /**
     * Makes a pipe.
     *
     * @param flags of these: O_CLOEXEC, O_NONBLOCK
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

    /** Reads at most {@code count} bytes (at most 64 KiB at once). No bytes: end of file. See read(2). */
    byte[] read(int fd, int count);

    /** Writes some of these bytes (at most 64 KiB at once) and returns how many. See write(2). */
    int write(int fd, byte[] bytes);

    /** The status of an open file. See fstat(2). */
    FileStatus fstat(int fd);

    /** The status of the file at a path, symbolic links followed. See stat(2). */
    FileStatus stat(CString path);

    /** Returns the status of the file at a path; empty if it cannot be read, for whatever reason. See stat(2). */
    default Optional<FileStatus> tryStat(CString path) {
        try {
            return Optional.of(stat(path));
        } catch (PosixException e) {
            return Optional.empty();
        }
    }

    /** The same, of the symbolic link itself if it is one. See lstat(2). */
    FileStatus lstat(CString path);

    /** Removes a name of a file. See unlink(2). */
    void unlink(CString path);

    /**
     * Reaps a child of the process if it has ended, without waiting for it. See waitpid(2).
     *
     * @throws PosixException with ECHILD if it is no child of this process, or has been reaped: by somebody
     *        else, or because SIGCHLD is ignored
     */
    WaitStatus waitpid(int pid);

    /** Sends a signal to a process, or to a process group if {@code pid} is negative. See kill(2). */
    void kill(int pid, Signal signal);

    /**
     * A descriptor that means this very process, whoever has its number later. Close-on-exec. It is readable
     * once the process has ended. See pidfd_open(2).
     *
     * @throws PosixException with ENOSYS before Linux 5.3, or EPERM under some old container filters
     */
    int pidfd_open(int pid);

    /** Sends a signal to the process of a pidfd. See pidfd_send_signal(2). */
    void pidfd_send_signal(int pidfd, Signal signal);

    /** Lets a signal be ignored or have its default effect. See signal(2). */
    void signal(Signal signal, SignalDisposition disposition);

    /** The same for several signals, stopping at the first failure. */
    void signal(SignalSet signals, SignalDisposition disposition);

    /** Changes the set of blocked signals, and returns the set until now. See sigprocmask(2). */
    SignalSet sigprocmask(SigprocmaskHow change, SignalSet signals);

    /**
     * Becomes another program.
     *
     * @param path the program, absolute or relative to the process's directory; not searched for in {@code
     *        PATH}
     * @param arguments its argument vector, its name first
     * @param environment its environment, each {@code NAME=value}
     * @throws PosixException if it could not; the process is as it was
     * @see <a href="https://man7.org/linux/man-pages/man2/execve.2.html">execve(2)</a>
     */
    void execve(CString path, List<CString> arguments, List<CString> environment);

    /** {@link #chdir(CString)} with the UTF-8 bytes of a path. */
    default void chdir(String directory) {
        chdir(CString.of(directory));
    }

    /**
     * {@link #open(CString, Set, FileMode)} with the UTF-8 bytes of a path, for files that are there: no
     * mode.
     */
    default int open(String path, OpenFlag... flags) {
        return open(CString.of(path), Set.of(flags), FileMode.of(0));
    }

    /** {@link #stat(CString)} with the UTF-8 bytes of a path. */
    default FileStatus stat(String path) {
        return stat(CString.of(path));
    }
}
