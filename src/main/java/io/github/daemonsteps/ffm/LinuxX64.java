package io.github.daemonsteps.ffm;

import io.github.daemonsteps.ffm.libc.linux_x64.Libc;
import io.github.daemonsteps.ffm.libc.linux_x64.stat;
import io.github.daemonsteps.ffm.libc.linux_x64.timespec;
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
    public int O_DIRECTORY() {
        return Libc.O_DIRECTORY();
    }

    @Override
    public int O_NOFOLLOW() {
        return Libc.O_NOFOLLOW();
    }

    @Override
    public int SYS_capset() {
        return Libc.SYS_capset();
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
    public long statSize() {
        return stat.sizeof();
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
    public long timespecSize() {
        return timespec.sizeof();
    }

    @Override
    public long micros(MemorySegment time) {
        return timespec.tv_sec(time) * 1_000_000 + timespec.tv_nsec(time) / 1_000;
    }
}
