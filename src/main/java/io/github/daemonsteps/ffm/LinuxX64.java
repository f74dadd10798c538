package io.github.daemonsteps.ffm;

import io.github.daemonsteps.ffm.libc.linux_x64.Libc;
import io.github.daemonsteps.ffm.libc.linux_x64.__sigset_t;
import io.github.daemonsteps.ffm.libc.linux_x64.group;
import io.github.daemonsteps.ffm.libc.linux_x64.passwd;
import io.github.daemonsteps.ffm.libc.linux_x64.pollfd;
import io.github.daemonsteps.ffm.libc.linux_x64.stat;
import io.github.daemonsteps.posix.FileMode;
import io.github.daemonsteps.posix.FileStatus;
import java.lang.foreign.MemorySegment;

/** Linux on x86-64. */
final class LinuxX64 implements Platform {

    @Override
    public String relay() {
        return "relay-x86_64.bin";
    }

    @Override
    public int AF_UNIX() {
        return Libc.AF_UNIX();
    }

    @Override
    public int CLOSE_RANGE_CLOEXEC() {
        return Libc.CLOSE_RANGE_CLOEXEC();
    }

    @Override
    public int FD_CLOEXEC() {
        return Libc.FD_CLOEXEC();
    }

    @Override
    public int F_DUPFD_CLOEXEC() {
        return Libc.F_DUPFD_CLOEXEC();
    }

    @Override
    public int F_GETFD() {
        return Libc.F_GETFD();
    }

    @Override
    public int F_SETFD() {
        return Libc.F_SETFD();
    }

    @Override
    public int F_SETFL() {
        return Libc.F_SETFL();
    }

    @Override
    public int KEYCTL_JOIN_SESSION_KEYRING() {
        return Libc.KEYCTL_JOIN_SESSION_KEYRING();
    }

    @Override
    public int LOCK_EX() {
        return Libc.LOCK_EX();
    }

    @Override
    public int LOCK_NB() {
        return Libc.LOCK_NB();
    }

    @Override
    public int LOCK_SH() {
        return Libc.LOCK_SH();
    }

    @Override
    public int LOCK_UN() {
        return Libc.LOCK_UN();
    }

    @Override
    public int MAP_ANONYMOUS() {
        return Libc.MAP_ANONYMOUS();
    }

    @Override
    public int MAP_NORESERVE() {
        return Libc.MAP_NORESERVE();
    }

    @Override
    public int MAP_PRIVATE() {
        return Libc.MAP_PRIVATE();
    }

    @Override
    public int MAP_SHARED() {
        return Libc.MAP_SHARED();
    }

    @Override
    public int MSG_NOSIGNAL() {
        return Libc.MSG_NOSIGNAL();
    }

    @Override
    public int O_APPEND() {
        return Libc.O_APPEND();
    }

    @Override
    public int O_CLOEXEC() {
        return Libc.O_CLOEXEC();
    }

    @Override
    public int O_CREAT() {
        return Libc.O_CREAT();
    }

    @Override
    public int O_DIRECTORY() {
        return Libc.O_DIRECTORY();
    }

    @Override
    public int O_EXCL() {
        return Libc.O_EXCL();
    }

    @Override
    public int O_NOCTTY() {
        return Libc.O_NOCTTY();
    }

    @Override
    public int O_NOFOLLOW() {
        return Libc.O_NOFOLLOW();
    }

    @Override
    public int O_NONBLOCK() {
        return Libc.O_NONBLOCK();
    }

    @Override
    public int O_RDONLY() {
        return Libc.O_RDONLY();
    }

    @Override
    public int O_RDWR() {
        return Libc.O_RDWR();
    }

    @Override
    public int O_TRUNC() {
        return Libc.O_TRUNC();
    }

    @Override
    public int O_WRONLY() {
        return Libc.O_WRONLY();
    }

    @Override
    public int POLLIN() {
        return Libc.POLLIN();
    }

    @Override
    public int PRIO_PROCESS() {
        return Libc.PRIO_PROCESS();
    }

    @Override
    public int PROT_EXEC() {
        return Libc.PROT_EXEC();
    }

    @Override
    public int PROT_READ() {
        return Libc.PROT_READ();
    }

    @Override
    public int PROT_WRITE() {
        return Libc.PROT_WRITE();
    }

    @Override
    public int PR_GET_NO_NEW_PRIVS() {
        return Libc.PR_GET_NO_NEW_PRIVS();
    }

    @Override
    public int PR_SET_DUMPABLE() {
        return Libc.PR_SET_DUMPABLE();
    }

    @Override
    public int PR_SET_NO_NEW_PRIVS() {
        return Libc.PR_SET_NO_NEW_PRIVS();
    }

    @Override
    public int RLIMIT_CORE() {
        return Libc.RLIMIT_CORE();
    }

    @Override
    public int RLIMIT_NOFILE() {
        return Libc.RLIMIT_NOFILE();
    }

    @Override
    public int SIG_BLOCK() {
        return Libc.SIG_BLOCK();
    }

    @Override
    public int SIG_SETMASK() {
        return Libc.SIG_SETMASK();
    }

    @Override
    public int SIG_UNBLOCK() {
        return Libc.SIG_UNBLOCK();
    }

    @Override
    public int SOCK_CLOEXEC() {
        return Libc.SOCK_CLOEXEC();
    }

    @Override
    public int SOCK_STREAM() {
        return Libc.SOCK_STREAM();
    }

    @Override
    public int SYS_capset() {
        return Libc.SYS_capset();
    }

    @Override
    public int SYS_close_range() {
        return Libc.SYS_close_range();
    }

    @Override
    public int SYS_getgroups() {
        return Libc.SYS_getgroups();
    }

    @Override
    public int SYS_getpriority() {
        return Libc.SYS_getpriority();
    }

    @Override
    public int SYS_getresgid() {
        return Libc.SYS_getresgid();
    }

    @Override
    public int SYS_getresuid() {
        return Libc.SYS_getresuid();
    }

    @Override
    public int SYS_keyctl() {
        return Libc.SYS_keyctl();
    }

    @Override
    public int SYS_pidfd_open() {
        return Libc.SYS_pidfd_open();
    }

    @Override
    public int SYS_pidfd_send_signal() {
        return Libc.SYS_pidfd_send_signal();
    }

    @Override
    public int SYS_prctl() {
        return Libc.SYS_prctl();
    }

    @Override
    public int SYS_prlimit64() {
        return Libc.SYS_prlimit64();
    }

    @Override
    public int SYS_rt_sigaction() {
        return Libc.SYS_rt_sigaction();
    }

    @Override
    public int SYS_setgid() {
        return Libc.SYS_setgid();
    }

    @Override
    public int SYS_setgroups() {
        return Libc.SYS_setgroups();
    }

    @Override
    public int SYS_setpriority() {
        return Libc.SYS_setpriority();
    }

    @Override
    public int SYS_setresgid() {
        return Libc.SYS_setresgid();
    }

    @Override
    public int SYS_setresuid() {
        return Libc.SYS_setresuid();
    }

    @Override
    public int SYS_setuid() {
        return Libc.SYS_setuid();
    }

    @Override
    public int S_IFCHR() {
        return Libc.S_IFCHR();
    }

    @Override
    public int S_IFDIR() {
        return Libc.S_IFDIR();
    }

    @Override
    public int S_IFMT() {
        return Libc.S_IFMT();
    }

    @Override
    public int S_IFREG() {
        return Libc.S_IFREG();
    }

    @Override
    public int WNOHANG() {
        return Libc.WNOHANG();
    }

    @Override
    public int X_OK() {
        return Libc.X_OK();
    }

    @Override
    public int _LINUX_CAPABILITY_VERSION_3() {
        return Libc._LINUX_CAPABILITY_VERSION_3();
    }

    @Override
    public int _SC_OPEN_MAX() {
        return Libc._SC_OPEN_MAX();
    }

    @Override
    public long sigsetSize() {
        return __sigset_t.sizeof();
    }

    @Override
    public long statSize() {
        return stat.sizeof();
    }

    @Override
    public long pollfdSize() {
        return pollfd.sizeof();
    }

    @Override
    public void pollfd(MemorySegment request, int fd, short events) {
        pollfd.fd(request, fd);
        pollfd.events(request, events);
    }

    @Override
    public short revents(MemorySegment answer) {
        return pollfd.revents(answer);
    }

    @Override
    public FileStatus fileStatus(MemorySegment status) {
        return new FileStatus(stat.st_dev(status), stat.st_ino(status),
                NativeValues.fileType(stat.st_mode(status)), FileMode.of(stat.st_mode(status) & 07777),
                stat.st_nlink(status),
                Integer.toUnsignedLong(stat.st_uid(status)), Integer.toUnsignedLong(stat.st_gid(status)),
                stat.st_rdev(status), stat.st_size(status));
    }

    @Override
    public long passwdSize() {
        return passwd.sizeof();
    }

    @Override
    public UserDatabase.Passwd passwd(MemorySegment entry) {
        return new UserDatabase.Passwd(passwd.pw_name(entry), passwd.pw_uid(entry), passwd.pw_gid(entry),
                passwd.pw_dir(entry), passwd.pw_shell(entry));
    }

    @Override
    public long groupSize() {
        return group.sizeof();
    }

    @Override
    public int gid(MemorySegment entry) {
        return group.gr_gid(entry);
    }
}
