package io.github.daemonsteps.ffm;

import io.github.daemonsteps.ffm.libc.Libc;
import io.github.daemonsteps.posix.AccessMode;
import io.github.daemonsteps.posix.Credentials.Resource;
import io.github.daemonsteps.posix.FileType;
import io.github.daemonsteps.posix.FlockOperation;
import io.github.daemonsteps.posix.OpenFlag;
import io.github.daemonsteps.posix.SignalDisposition;
import io.github.daemonsteps.posix.SigprocmaskHow;
import java.util.Set;

/** The numbers that the values of the API have in C on this platform. */
public final class NativeValues {

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
            case O_RDONLY -> Libc.O_RDONLY();
            case O_WRONLY -> Libc.O_WRONLY();
            case O_RDWR -> Libc.O_RDWR();
            case O_APPEND -> Libc.O_APPEND();
            case O_CLOEXEC -> Libc.O_CLOEXEC();
            case O_CREAT -> Libc.O_CREAT();
            case O_DIRECTORY -> Platform.current().O_DIRECTORY();
            case O_EXCL -> Libc.O_EXCL();
            case O_NOCTTY -> Libc.O_NOCTTY();
            case O_NOFOLLOW -> Platform.current().O_NOFOLLOW();
            case O_PATH -> Libc.O_PATH();
            case O_NONBLOCK -> Libc.O_NONBLOCK();
            case O_TRUNC -> Libc.O_TRUNC();
        };
    }

    static int bit(AccessMode mode) {
        return switch (mode) {
            case W_OK -> Libc.W_OK();
            case X_OK -> Libc.X_OK();
        };
    }

    static int number(FlockOperation lock) {
        return switch (lock) {
            case LOCK_SH -> Libc.LOCK_SH();
            case LOCK_EX -> Libc.LOCK_EX();
            case LOCK_UN -> Libc.LOCK_UN();
        };
    }

    /**
     * Returns the handler of a disposition: {@code (sighandler_t) 0} and {@code (sighandler_t) 1} in every C
     * library.
     */
    public static long handler(SignalDisposition disposition) {
        return switch (disposition) {
            case SIG_DFL -> 0;
            case SIG_IGN -> 1;
        };
    }

    static int number(SigprocmaskHow change) {
        return switch (change) {
            case SIG_BLOCK -> Libc.SIG_BLOCK();
            case SIG_UNBLOCK -> Libc.SIG_UNBLOCK();
            case SIG_SETMASK -> Libc.SIG_SETMASK();
        };
    }

    static int number(Resource resource) {
        return switch (resource) {
            case RLIMIT_CORE -> Libc.RLIMIT_CORE();
            case RLIMIT_NOFILE -> Libc.RLIMIT_NOFILE();
        };
    }

    /** Returns the type of a file from its {@code st_mode}. */
    static FileType fileType(int mode) {
        int type = mode & Libc.S_IFMT();
        if (type == Libc.S_IFREG()) {
            return FileType.REGULAR;
        } else if (type == Libc.S_IFDIR()) {
            return FileType.DIRECTORY;
        }
        if (type == Libc.S_IFSOCK()) {
            return FileType.SOCKET;
        }
        return type == Libc.S_IFCHR() ? FileType.CHARACTER_DEVICE : FileType.OTHER;
    }
}
