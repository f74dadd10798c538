package io.github.daemonsteps.ffm;

import io.github.daemonsteps.posix.Credentials.Resource;
import io.github.daemonsteps.posix.FileType;
import io.github.daemonsteps.posix.FlockOperation;
import io.github.daemonsteps.posix.OpenFlag;
import io.github.daemonsteps.posix.SignalDisposition;
import io.github.daemonsteps.posix.SigprocmaskHow;
import java.util.Set;

/** The numbers that the values of the API have in C on this platform. */
public final class NativeValues {

    private static final Platform PLATFORM = Platform.current();

    private NativeValues() {
    }

    /** Returns the bits of these flags. */
    public static int bits(Set<OpenFlag> flags) {
        int bits = 0;
        for (OpenFlag flag : flags) {
            bits |= bit(flag);
        }
        return bits;
    }

    private static int bit(OpenFlag flag) {
        return switch (flag) {
            case O_RDONLY -> PLATFORM.O_RDONLY();
            case O_WRONLY -> PLATFORM.O_WRONLY();
            case O_RDWR -> PLATFORM.O_RDWR();
            case O_APPEND -> PLATFORM.O_APPEND();
            case O_CLOEXEC -> PLATFORM.O_CLOEXEC();
            case O_CREAT -> PLATFORM.O_CREAT();
            case O_DIRECTORY -> PLATFORM.O_DIRECTORY();
            case O_EXCL -> PLATFORM.O_EXCL();
            case O_NOCTTY -> PLATFORM.O_NOCTTY();
            case O_NOFOLLOW -> PLATFORM.O_NOFOLLOW();
            case O_NONBLOCK -> PLATFORM.O_NONBLOCK();
            case O_TRUNC -> PLATFORM.O_TRUNC();
        };
    }

    static int number(FlockOperation lock) {
        return switch (lock) {
            case LOCK_SH -> PLATFORM.LOCK_SH();
            case LOCK_EX -> PLATFORM.LOCK_EX();
            case LOCK_UN -> PLATFORM.LOCK_UN();
        };
    }

    /** Returns the handler of a disposition: {@code (sighandler_t) 0} and {@code (sighandler_t) 1} in every C library. */
    public static long handler(SignalDisposition disposition) {
        return switch (disposition) {
            case SIG_DFL -> 0;
            case SIG_IGN -> 1;
        };
    }

    static int number(SigprocmaskHow change) {
        return switch (change) {
            case SIG_BLOCK -> PLATFORM.SIG_BLOCK();
            case SIG_UNBLOCK -> PLATFORM.SIG_UNBLOCK();
            case SIG_SETMASK -> PLATFORM.SIG_SETMASK();
        };
    }

    static int number(Resource resource) {
        return switch (resource) {
            case RLIMIT_CORE -> PLATFORM.RLIMIT_CORE();
            case RLIMIT_NOFILE -> PLATFORM.RLIMIT_NOFILE();
        };
    }

    /** Returns the type of a file from its {@code st_mode}. */
    static FileType fileType(int mode) {
        int type = mode & PLATFORM.S_IFMT();
        if (type == PLATFORM.S_IFREG()) {
            return FileType.REGULAR;
        } else if (type == PLATFORM.S_IFDIR()) {
            return FileType.DIRECTORY;
        }
        return type == PLATFORM.S_IFCHR() ? FileType.CHARACTER_DEVICE : FileType.OTHER;
    }
}
