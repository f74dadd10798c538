package io.github.daemonsteps.ffm;

import io.github.daemonsteps.posix.FileStatus;
import java.io.File;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

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

    /**
     * Returns the platform that this program runs on.
     *
     * @throws UnsupportedOperationException if the library does not support the platform
     */
    static Platform current() {
        if (Current.PLATFORM == null) {
            throw new UnsupportedOperationException(Current.UNSUPPORTED);
        }
        return Current.PLATFORM;
    }

    /**
     * Returns why the library cannot make native calls on this platform; null if it can. No native call is
     * made.
     */
    static @Nullable String unsupported() {
        return Current.UNSUPPORTED;
    }

    /**
     * Returns why the library cannot make native calls on a platform; null if it can.
     *
     * @param os {@code os.name}
     * @param architecture {@code os.arch}
     * @param isMusl whether the C library is musl, with which nothing is tested
     */
    static @Nullable String unsupported(String os, String architecture, boolean isMusl) {
        String needs = " is not supported; daemon-steps needs Linux on x86-64 or aarch64";
        if (of(os, architecture) == null) {
            return os + " on " + architecture + needs;
        }
        return isMusl ? os + " with musl" + needs + ", with the GNU C library" : null;
    }

    /**
     * Returns the platform of these system properties; null if the library does not support the platform.
     *
     * @param os {@code os.name}
     * @param architecture {@code os.arch}
     */
    static @Nullable Platform of(String os, String architecture) {
        return switch (os + " " + architecture) {
            case "Linux amd64" -> new LinuxX64();
            case "Linux aarch64" -> new LinuxAarch64();
            default -> null;
        };
    }

    /** Created at the first use: an unsupported platform is an exception, and not a class that failed. */
    final class Current {
        private static final String OS = System.getProperty("os.name");
        private static final String ARCHITECTURE = System.getProperty("os.arch");

        private static final @Nullable String UNSUPPORTED =
                Platform.unsupported(OS, ARCHITECTURE, hasMusl() && MuslLibrary.isLoaded());
        private static final @Nullable Platform PLATFORM =
                UNSUPPORTED == null ? of(OS, ARCHITECTURE) : null;

        private Current() {
        }

        /** Returns whether musl is installed, which takes less time than to search the loaded libraries. */
        private static boolean hasMusl() {
            return new File(ARCHITECTURE.equals("amd64")
                    ? "/lib/ld-musl-x86_64.so.1"
                    : "/lib/ld-musl-aarch64.so.1").exists();
        }
    }
}
