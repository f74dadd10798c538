package io.github.daemonsteps.posix;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The reason why a call failed, see errno(3). Every error number of Linux has a name and a text; any other
 * number is kept as it is.
 *
 * <p>The numbers are those of Linux's asm-generic/errno.h, which x86-64 and aarch64 share. The texts are
 * those of strerror(3) of glibc in the C locale.
 *
 * @param number the value of errno
 */
public record Errno(int number) {

    /** Operation not permitted. */
    public static final Errno EPERM = new Errno(1);
    /** No such file or directory. */
    public static final Errno ENOENT = new Errno(2);
    /** No such process. */
    public static final Errno ESRCH = new Errno(3);
    /** Interrupted system call. */
    public static final Errno EINTR = new Errno(4);
    /** Input/output error. */
    public static final Errno EIO = new Errno(5);
    /** No such device or address. */
    public static final Errno ENXIO = new Errno(6);
    /** Argument list too long. */
    public static final Errno E2BIG = new Errno(7);
    /** Exec format error. */
    public static final Errno ENOEXEC = new Errno(8);
    /** Bad file descriptor. */
    public static final Errno EBADF = new Errno(9);
    /** No child processes. */
    public static final Errno ECHILD = new Errno(10);
    /** Resource temporarily unavailable. */
    public static final Errno EAGAIN = new Errno(11);
    /** Cannot allocate memory. */
    public static final Errno ENOMEM = new Errno(12);
    /** Permission denied. */
    public static final Errno EACCES = new Errno(13);
    /** File exists. */
    public static final Errno EEXIST = new Errno(17);
    /** Not a directory. */
    public static final Errno ENOTDIR = new Errno(20);
    /** Is a directory. */
    public static final Errno EISDIR = new Errno(21);
    /** Invalid argument. */
    public static final Errno EINVAL = new Errno(22);
    /** Too many open files in system. */
    public static final Errno ENFILE = new Errno(23);
    /** Too many open files. */
    public static final Errno EMFILE = new Errno(24);
    /** Inappropriate ioctl for device. */
    public static final Errno ENOTTY = new Errno(25);
    /** Text file busy. */
    public static final Errno ETXTBSY = new Errno(26);
    /** No space left on device. */
    public static final Errno ENOSPC = new Errno(28);
    /** Read-only file system. */
    public static final Errno EROFS = new Errno(30);
    /** Broken pipe. */
    public static final Errno EPIPE = new Errno(32);
    /** File name too long. */
    public static final Errno ENAMETOOLONG = new Errno(36);
    /** Function not implemented. */
    public static final Errno ENOSYS = new Errno(38);
    /** Too many levels of symbolic links. */
    public static final Errno ELOOP = new Errno(40);
    /** Address already in use. */
    public static final Errno EADDRINUSE = new Errno(98);
    /** Connection reset by peer. */
    public static final Errno ECONNRESET = new Errno(104);

    /** Returns the errno with this number. */
    public static Errno of(int number) {
        return new Errno(number);
    }

    /**
     * Returns the errno with this name, such as {@code ENOENT}. If a number has two names, both are accepted.
     */
    public static Optional<Errno> named(String name) {
        String known = switch (name) {
            case "EWOULDBLOCK" -> "EAGAIN";
            case "EDEADLOCK" -> "EDEADLK";
            case "ENOTSUP" -> "EOPNOTSUPP";
            default -> name;
        };
        for (Errno errno : all()) {
            if (errno.name().equals(known)) {
                return Optional.of(errno);
            }
        }
        return Optional.empty();
    }

    /** Returns every errno of Linux, in the order of the numbers. */
    public static List<Errno> all() {
        List<Errno> all = new ArrayList<>();
        for (int number = 0; number < Table.ROWS.length; number++) {
            if (!Table.ROWS[number].isEmpty()) {
                all.add(new Errno(number));
            }
        }
        return List.copyOf(all);
    }

    /** Returns the name, such as {@code ENOENT}; {@code E999} for a number without a name. */
    public String name() {
        String row = row();
        return row.isEmpty() ? "E" + number : row.substring(0, row.indexOf(' '));
    }

    /**
     * Returns the meaning, such as {@code No such file or directory}. A number without a name gives
     * {@code Unknown error 999}, except that 0 gives {@code Success}.
     */
    public String text() {
        if (number == 0) {
            return "Success";
        }
        String row = row();
        return row.isEmpty() ? "Unknown error " + number : row.substring(row.indexOf(' ') + 1);
    }

    private String row() {
        return number >= 0 && number < Table.ROWS.length ? Table.ROWS[number] : "";
    }

    // Plain methods: those that a record has by default are linked at their first use, which takes
    // milliseconds.

    @Override
    public boolean equals(Object other) {
        return other instanceof Errno errno && errno.number == number;
    }

    @Override
    public int hashCode() {
        return number;
    }

    /** Returns the name and the text: {@code ENOENT (No such file or directory)}. */
    @Override
    public String toString() {
        return name() + " (" + text() + ")";
    }

    /**
     * The name and text of each number, from 0 on. The table is loaded on first use, since only a failed call
     * needs it.
     */
    private static final class Table {
        private static final String[] ROWS = {
            "",
            "EPERM Operation not permitted",
            "ENOENT No such file or directory",
            "ESRCH No such process",
            "EINTR Interrupted system call",
            "EIO Input/output error",
            "ENXIO No such device or address",
            "E2BIG Argument list too long",
            "ENOEXEC Exec format error",
            "EBADF Bad file descriptor",
            "ECHILD No child processes",
            "EAGAIN Resource temporarily unavailable",
            "ENOMEM Cannot allocate memory",
            "EACCES Permission denied",
            "EFAULT Bad address",
            "ENOTBLK Block device required",
            "EBUSY Device or resource busy",
            "EEXIST File exists",
            "EXDEV Invalid cross-device link",
            "ENODEV No such device",
            "ENOTDIR Not a directory",
            "EISDIR Is a directory",
            "EINVAL Invalid argument",
            "ENFILE Too many open files in system",
            "EMFILE Too many open files",
            "ENOTTY Inappropriate ioctl for device",
            "ETXTBSY Text file busy",
            "EFBIG File too large",
            "ENOSPC No space left on device",
            "ESPIPE Illegal seek",
            "EROFS Read-only file system",
            "EMLINK Too many links",
            "EPIPE Broken pipe",
            "EDOM Numerical argument out of domain",
            "ERANGE Numerical result out of range",
            "EDEADLK Resource deadlock avoided",
            "ENAMETOOLONG File name too long",
            "ENOLCK No locks available",
            "ENOSYS Function not implemented",
            "ENOTEMPTY Directory not empty",
            "ELOOP Too many levels of symbolic links",
            "",
            "ENOMSG No message of desired type",
            "EIDRM Identifier removed",
            "ECHRNG Channel number out of range",
            "EL2NSYNC Level 2 not synchronized",
            "EL3HLT Level 3 halted",
            "EL3RST Level 3 reset",
            "ELNRNG Link number out of range",
            "EUNATCH Protocol driver not attached",
            "ENOCSI No CSI structure available",
            "EL2HLT Level 2 halted",
            "EBADE Invalid exchange",
            "EBADR Invalid request descriptor",
            "EXFULL Exchange full",
            "ENOANO No anode",
            "EBADRQC Invalid request code",
            "EBADSLT Invalid slot",
            "",
            "EBFONT Bad font file format",
            "ENOSTR Device not a stream",
            "ENODATA No data available",
            "ETIME Timer expired",
            "ENOSR Out of streams resources",
            "ENONET Machine is not on the network",
            "ENOPKG Package not installed",
            "EREMOTE Object is remote",
            "ENOLINK Link has been severed",
            "EADV Advertise error",
            "ESRMNT Srmount error",
            "ECOMM Communication error on send",
            "EPROTO Protocol error",
            "EMULTIHOP Multihop attempted",
            "EDOTDOT RFS specific error",
            "EBADMSG Bad message",
            "EOVERFLOW Value too large for defined data type",
            "ENOTUNIQ Name not unique on network",
            "EBADFD File descriptor in bad state",
            "EREMCHG Remote address changed",
            "ELIBACC Can not access a needed shared library",
            "ELIBBAD Accessing a corrupted shared library",
            "ELIBSCN .lib section in a.out corrupted",
            "ELIBMAX Attempting to link in too many shared libraries",
            "ELIBEXEC Cannot exec a shared library directly",
            "EILSEQ Invalid or incomplete multibyte or wide character",
            "ERESTART Interrupted system call should be restarted",
            "ESTRPIPE Streams pipe error",
            "EUSERS Too many users",
            "ENOTSOCK Socket operation on non-socket",
            "EDESTADDRREQ Destination address required",
            "EMSGSIZE Message too long",
            "EPROTOTYPE Protocol wrong type for socket",
            "ENOPROTOOPT Protocol not available",
            "EPROTONOSUPPORT Protocol not supported",
            "ESOCKTNOSUPPORT Socket type not supported",
            "EOPNOTSUPP Operation not supported",
            "EPFNOSUPPORT Protocol family not supported",
            "EAFNOSUPPORT Address family not supported by protocol",
            "EADDRINUSE Address already in use",
            "EADDRNOTAVAIL Cannot assign requested address",
            "ENETDOWN Network is down",
            "ENETUNREACH Network is unreachable",
            "ENETRESET Network dropped connection on reset",
            "ECONNABORTED Software caused connection abort",
            "ECONNRESET Connection reset by peer",
            "ENOBUFS No buffer space available",
            "EISCONN Transport endpoint is already connected",
            "ENOTCONN Transport endpoint is not connected",
            "ESHUTDOWN Cannot send after transport endpoint shutdown",
            "ETOOMANYREFS Too many references: cannot splice",
            "ETIMEDOUT Connection timed out",
            "ECONNREFUSED Connection refused",
            "EHOSTDOWN Host is down",
            "EHOSTUNREACH No route to host",
            "EALREADY Operation already in progress",
            "EINPROGRESS Operation now in progress",
            "ESTALE Stale file handle",
            "EUCLEAN Structure needs cleaning",
            "ENOTNAM Not a XENIX named type file",
            "ENAVAIL No XENIX semaphores available",
            "EISNAM Is a named type file",
            "EREMOTEIO Remote I/O error",
            "EDQUOT Disk quota exceeded",
            "ENOMEDIUM No medium found",
            "EMEDIUMTYPE Wrong medium type",
            "ECANCELED Operation canceled",
            "ENOKEY Required key not available",
            "EKEYEXPIRED Key has expired",
            "EKEYREVOKED Key has been revoked",
            "EKEYREJECTED Key was rejected by service",
            "EOWNERDEAD Owner died",
            "ENOTRECOVERABLE State not recoverable",
            "ERFKILL Operation not possible due to RF-kill",
            "EHWPOISON Memory page has hardware error"
        };
    }
}
