package io.github.daemonsteps.ffm;

import static io.github.daemonsteps.ffm.CFunction.GETGRNAM_R;
import static io.github.daemonsteps.ffm.CFunction.GETGROUPLIST;
import static io.github.daemonsteps.ffm.CFunction.GETPWNAM_R;
import static io.github.daemonsteps.ffm.CFunction.GETPWUID_R;
import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.github.daemonsteps.ffm.libc.group;
import io.github.daemonsteps.ffm.libc.passwd;
import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.Errno;
import io.github.daemonsteps.posix.PosixCall;
import io.github.daemonsteps.posix.PosixException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.stream.LongStream;

/**
 * The system's database of users and groups, whether in files or in a network directory. Only a launcher may
 * call the methods, and never a forked process: a lookup acquires locks, allocates memory, and may call other
 * processes.
 */
public final class UserDatabase {

    /** No entry is longer than this. */
    private static final long MAX_BYTES = 16 << 20;

    private static final long FIRST_TRY = 16 << 10;

    /** NGROUPS_MAX of linux/limits.h: no process can be in more groups. */
    private static final int MAX_GROUPS = 65_536;

    /** The result of the functions when the buffer is too small for an entry. */
    private static final int ERANGE = 34;

    /**
     * A user.
     *
     * @param name the name to log in by
     * @param uid the number
     * @param gid the number of the first group
     * @param home the home directory; empty if there is none
     * @param shell the program to log in with; empty stands for {@code /bin/sh}
     */
    public record User(CString name, long uid, long gid, CString home, CString shell) {}

    private final NativePosix posix;

    private UserDatabase(NativePosix posix) {
        this.posix = posix;
    }

    /** Returns the database of this system. */
    public static UserDatabase get() {
        return new UserDatabase(NativePosix.get());
    }

    /** Returns the user of this name. See getpwnam_r(3). */
    public Optional<User> user(CString name) {
        return entry(passwd.sizeof(),
                exchange -> new NativeCall(GETPWNAM_R).string(name, exchange), UserDatabase::user);
    }

    /** Returns a user of this number. See getpwuid_r(3). */
    public Optional<User> user(long uid) {
        return entry(passwd.sizeof(), _ -> new NativeCall(GETPWUID_R).argument(uid),
                UserDatabase::user);
    }

    private static User user(MemorySegment entry) {
        return new User(string(passwd.pw_name(entry)), Integer.toUnsignedLong(passwd.pw_uid(entry)),
                Integer.toUnsignedLong(passwd.pw_gid(entry)), string(passwd.pw_dir(entry)),
                string(passwd.pw_shell(entry)));
    }

    /** Returns the number of the group of this name. See getgrnam_r(3). */
    public OptionalLong group(CString name) {
        return number(entry(group.sizeof(),
                exchange -> new NativeCall(GETGRNAM_R).string(name, exchange), UserDatabase::gid));
    }

    private static long gid(MemorySegment entry) {
        return Integer.toUnsignedLong(group.gr_gid(entry));
    }

    private static OptionalLong number(Optional<Long> number) {
        return number.map(OptionalLong::of).orElseGet(OptionalLong::empty);
    }

    /**
     * Returns all groups of the user of this name, with the primary group {@code first} at the start. See
     * getgrouplist(3).
     */
    public List<Long> groups(CString name, long first) {
        try (var exchange = posix.begin()) {
            MemorySegment ids =
                    exchange.allocate(JAVA_INT.byteSize() * MAX_GROUPS, JAVA_INT.byteAlignment());
            MemorySegment count = exchange.allocate(JAVA_INT);
            count.set(JAVA_INT, 0, MAX_GROUPS);
            posix.call(exchange,
                    new NativeCall(GETGROUPLIST).string(name, exchange).argument(first).buffer(ids)
                            .buffer(count));
            return LongStream.range(0, count.get(JAVA_INT, 0))
                    .map(i -> Integer.toUnsignedLong(ids.getAtIndex(JAVA_INT, i))).distinct().boxed()
                    .toList();
        }
    }

    /** Returns an entry. Doubles the memory for the strings of the entry until they fit. */
    private <T> Optional<T> entry(long size, Function<CallExecutor.CallScope, NativeCall> key,
            Function<MemorySegment, T> read) {
        for (long bytes = FIRST_TRY;; bytes *= 2) {
            try (var exchange = posix.begin()) {
                MemorySegment entry = exchange.allocate(size, JAVA_LONG.byteAlignment());
                MemorySegment found = exchange.allocate(ADDRESS);
                NativeCall call =
                        key.apply(exchange).buffer(entry).buffer(exchange.allocate(bytes, 1)).argument(bytes)
                                .buffer(found);
                int errno = (int) posix.call(exchange, call);
                if (found.get(JAVA_LONG, 0) != 0) {
                    return Optional.of(read.apply(entry));
                }
                if (errno != ERANGE || bytes >= MAX_BYTES) {
                    refuse(errno, call);
                    return Optional.empty();
                }
            }
        }
    }

    /** Throws for an errno other than those that report a missing entry. The functions return the errno. */
    private static void refuse(int errno, NativeCall call) {
        List<Errno> noSuchEntry = List.of(Errno.ENOENT, Errno.ESRCH, Errno.EBADF, Errno.EPERM);
        if (errno != 0 && !noSuchEntry.contains(Errno.of(errno))) {
            throw new PosixException(
                    new PosixCall(call.function().symbol(), call.toPosixCall().arguments(), "-1",
                            Errno.of(errno)));
        }
    }

    /**
     * Returns the string at an address. Some name service modules return pointers outside of the given
     * buffer, so the length is not known.
     */
    @SuppressWarnings("restricted") // as long as it takes to the NUL: the database says that there is one
    private static CString string(MemorySegment address) {
        MemorySegment text = address.reinterpret(Long.MAX_VALUE);
        int length = 0;
        while (text.get(JAVA_BYTE, length) != 0) {
            length++;
        }
        return CString.ofBytes(text.asSlice(0, length).toArray(JAVA_BYTE));
    }
}
