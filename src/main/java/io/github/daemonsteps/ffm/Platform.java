package io.github.daemonsteps.ffm;

import io.github.daemonsteps.posix.FileStatus;
import java.lang.foreign.MemorySegment;

/**
 * The constants that differ from platform to platform, from their own binding, and {@code struct stat} with
 * {@code struct timespec}.
 * The common {@link io.github.daemonsteps.ffm.libc.Libc} has all other constants.
 */
public interface Platform {

    /** Returns the name of the resource with the relay's assembled bytes. */
    String relay();

    int O_DIRECTORY();
    int O_NOFOLLOW();

    int SYS_capset();
    int SYS_getgroups();
    int SYS_getpriority();
    int SYS_getresgid();
    int SYS_getresuid();
    int SYS_keyctl();
    int SYS_prctl();
    int SYS_prlimit64();
    int SYS_rt_sigaction();
    int SYS_setgid();
    int SYS_setgroups();
    int SYS_setpriority();
    int SYS_setresgid();
    int SYS_setresuid();
    int SYS_setuid();

    /** Returns the size of a {@code struct stat} in bytes. */
    long statSize();

    /** Reads a {@code struct stat}. */
    FileStatus fileStatus(MemorySegment stat);

    /** Returns the size of a {@code struct timespec} in bytes. */
    long timespecSize();

    /** Reads a {@code struct timespec}, in microseconds. */
    long micros(MemorySegment timespec);

    /** Returns the platform that this program runs on. */
    static Platform current() {
        return Current.PLATFORM;
    }

    /**
     * Returns the platform of these system properties.
     *
     * @param os {@code os.name}
     * @param architecture {@code os.arch}
     * @throws UnsupportedOperationException if the library does not support the platform
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

    /** Created at the first use: an unsupported platform is an exception, and not a class that failed. */
    final class Current {
        private static final Platform PLATFORM =
                of(System.getProperty("os.name"), System.getProperty("os.arch"));

        private Current() {
        }
    }
}
