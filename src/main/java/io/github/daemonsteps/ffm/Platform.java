package io.github.daemonsteps.ffm;

import io.github.daemonsteps.posix.FileStatus;
import java.lang.foreign.MemorySegment;

/**
 * What differs from platform to platform, each under the name it has in C, and each taken from that
 * platform's own binding: numbers are never written down here.
 */
public interface Platform {

    /** The name of the relay's assembled bytes among the resources of this package. */
    String relay();

    int AF_UNIX();

    int CLOSE_RANGE_CLOEXEC();

    int FD_CLOEXEC();

    int F_DUPFD_CLOEXEC();

    int F_GETFD();

    int F_SETFD();

    int F_SETFL();

    int KEYCTL_JOIN_SESSION_KEYRING();

    int LOCK_EX();

    int LOCK_NB();

    int LOCK_SH();

    int LOCK_UN();

    int MAP_ANONYMOUS();

    int MAP_NORESERVE();

    int MAP_PRIVATE();

    int MAP_SHARED();

    int MSG_NOSIGNAL();

    int O_APPEND();

    int O_CLOEXEC();

    int O_CREAT();

    int O_DIRECTORY();

    int O_EXCL();

    int O_NOCTTY();

    int O_NOFOLLOW();

    int O_NONBLOCK();

    int O_RDONLY();

    int O_RDWR();

    int O_TRUNC();

    int O_WRONLY();

    int POLLIN();

    int PRIO_PROCESS();

    int PROT_EXEC();

    int PROT_READ();

    int PROT_WRITE();

    int PR_GET_NO_NEW_PRIVS();

    int PR_SET_DUMPABLE();

    int PR_SET_NO_NEW_PRIVS();

    int RLIMIT_CORE();

    int RLIMIT_NOFILE();

    int SIG_BLOCK();

    int SIG_SETMASK();

    int SIG_UNBLOCK();

    int SOCK_CLOEXEC();

    int SOCK_STREAM();

    int SYS_capset();

    int SYS_close_range();

    int SYS_getgroups();

    int SYS_getpriority();

    int SYS_getresgid();

    int SYS_getresuid();

    int SYS_keyctl();

    int SYS_pidfd_open();

    int SYS_pidfd_send_signal();

    int SYS_prctl();

    int SYS_prlimit64();

    int SYS_rt_sigaction();

    int SYS_setgid();

    int SYS_setgroups();

    int SYS_setpriority();

    int SYS_setresgid();

    int SYS_setresuid();

    int SYS_setuid();

    int S_IFCHR();

    int S_IFDIR();

    int S_IFMT();

    int S_IFREG();

    int WNOHANG();

    int X_OK();

    int _LINUX_CAPABILITY_VERSION_3();

    int _SC_OPEN_MAX();

    /** The size of a {@code sigset_t} in bytes. */
    long sigsetSize();

    /** The size of a {@code struct stat} in bytes. */
    long statSize();

    /** The size of a {@code struct pollfd} in bytes. */
    long pollfdSize();

    /** Fills a {@code struct pollfd}: these events of this descriptor are waited for. */
    void pollfd(MemorySegment pollfd, int fd, short events);

    /** The events of a {@code struct pollfd} that have happened. */
    short revents(MemorySegment pollfd);

    /** Reads a {@code struct stat}. */
    FileStatus fileStatus(MemorySegment stat);

    /** The size of a {@code struct passwd} in bytes. */
    long passwdSize();

    /** Reads a {@code struct passwd}. */
    UserDatabase.Passwd passwd(MemorySegment passwd);

    /** The size of a {@code struct group} in bytes. */
    long groupSize();

    /** The group id of a {@code struct group}. */
    int gid(MemorySegment group);

    /** The platform this program runs on. */
    static Platform current() {
        return Current.PLATFORM;
    }

    /**
     * The platform of these system properties.
     *
     * @param os {@code os.name}
     * @param architecture {@code os.arch}
     * @throws UnsupportedOperationException if there is no binding and no relay for it
     */
    static Platform of(String os, String architecture) {
        return switch (os + " " + architecture) {
            case "Linux amd64" -> new LinuxX64();
            case "Linux aarch64" -> new LinuxAarch64();
            default -> throw new UnsupportedOperationException(
                    "daemon-steps runs on Linux x86-64 and Linux aarch64, and this is " + os + " "
                            + architecture);
        };
    }

    /** Made when first asked for, so that an unsupported platform is an answer and no failed class. */
    final class Current {
        private static final Platform PLATFORM =
                of(System.getProperty("os.name"), System.getProperty("os.arch"));

        private Current() {
        }
    }
}
