package io.github.daemonsteps.daemon;

import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.Errno;
import io.github.daemonsteps.posix.FileMode;
import io.github.daemonsteps.posix.FileStatus;
import io.github.daemonsteps.posix.NativePosix;
import io.github.daemonsteps.posix.OpenFlag;
import io.github.daemonsteps.posix.Posix;
import io.github.daemonsteps.posix.PosixException;
import io.github.daemonsteps.posix.ProcessStat;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A pid file: a decimal number and a newline, and a lock. The daemon's own process has the lock, by flock(2), for
 * as long as it lives, and that decides who runs. The number only informs: it is believed if the kernel names the
 * very process as the one that has taken the lock. Anybody who can read the file can lock it too, and a child that
 * inherits the descriptor keeps the lock when the daemon has ended; neither is the daemon.
 *
 * @param path its path, absolute
 */
record PidFile(CString path) {

    private static final FileMode MODE = FileMode.of(0644);
    private static final FileMode WRITABLE_BY_OTHERS = FileMode.of(0022);

    /** Somebody may remove the file, or let go of the lock, between two calls; not time after time. */
    static final int TRIES = 100;

    /** More than the digits of a pid and a newline. */
    private static final int MOST_BYTES = 32;

    /** It cannot be had. The message is one line; somebody holds the lock if {@link #isHeld}. */
    static final class Refused extends Exception {

        private static final long serialVersionUID = 1;
        private final boolean held;

        Refused(String message, boolean held) {
            super(message);
            this.held = held;
        }

        @Override
        public String getMessage() {
            return Objects.requireNonNull(super.getMessage());
        }

        boolean isHeld() {
            return held;
        }
    }

    /**
     * Locks the file through the daemon's process.
     *
     * @return the process's descriptor, which has the lock
     * @throws Refused if somebody else has the lock, or the file is none that can be trusted
     * @throws PosixException if a call fails
     */
    int lock(Posix process) throws Refused {
        for (int i = 0; i < TRIES; i++) {
            int fd = process.open(path, Set.of(OpenFlag.O_RDWR, OpenFlag.O_CREAT, OpenFlag.O_NOFOLLOW,
                    OpenFlag.O_NONBLOCK, OpenFlag.O_NOCTTY, OpenFlag.O_CLOEXEC), MODE);
            FileStatus file = process.fstat(fd);
            check(file, process.getuid());
            try {
                process.flock(fd);
            } catch (PosixException held) {
                if (held.errno().equals(Errno.EAGAIN)) {
                    throw new Refused("the lock of " + path.quoted() + " is held", true);
                }
                throw held;
            }
            if (isStillThere(file, process)) {
                if (!file.permissions().equals(MODE)) {
                    process.fchmod(fd, MODE);
                }
                return fd;
            }
            process.close(fd);
        }
        throw new Refused(path.quoted() + " is removed again and again", false);
    }

    /**
     * Writes the id of the process that has the lock, and waits until that is on the disk.
     *
     * @throws PosixException if a call fails
     */
    void write(int fd, Posix process) throws Refused {
        byte[] line = (process.getpid() + "\n").getBytes(StandardCharsets.US_ASCII);
        process.ftruncate(fd, 0);
        if (process.write(fd, line) != line.length) {
            throw new Refused(path.quoted() + " could not be written whole", false);
        }
        process.fsync(fd);
    }

    /** A file that somebody else can write to would say whom we signal. */
    private void check(FileStatus file, long uid) throws Refused {
        String wrong = null;
        if (!file.isRegularFile()) {
            wrong = "is no regular file";
        } else if (file.uid() != uid) {
            wrong = "belongs to user " + file.uid() + ", and not to the user " + uid + " who starts";
        } else if (file.nlink() > 1) {
            wrong = "has " + file.nlink() + " names: it is a hard link to something";
        } else if ((file.mode() & WRITABLE_BY_OTHERS.bits()) != 0) {
            wrong = "can be written to by others: its mode is " + file.permissions();
        }
        if (wrong != null) {
            throw new Refused("the pid file " + path.quoted() + " " + wrong, false);
        }
    }

    private boolean isStillThere(FileStatus file, Posix process) {
        try {
            return process.lstat(path).isSameFileAs(file);
        } catch (PosixException gone) {
            if (gone.errno().equals(Errno.ENOENT)) {
                return false;
            }
            throw gone;
        }
    }

    /** Whether the daemon runs, as the file and the kernel tell. */
    Status.State state(NativePosix posix) {
        int fd;
        try {
            fd = open(posix, OpenFlag.O_RDONLY);
        } catch (PosixException failed) {
            return failed.errno().equals(Errno.ENOENT)
                    ? new Status.State.NotRunning()
                    : new Status.State.Unknown(failed.getMessage(), failed.errno());
        }
        try {
            FileStatus file = posix.fstat(fd);
            if (!file.isRegularFile()) {
                return new Status.State.Unknown("the pid file " + path.quoted() + " is no regular file",
                        null);
            }
            int number = number(new String(posix.read(fd, MOST_BYTES), StandardCharsets.ISO_8859_1));
            OptionalInt taker = new LockTable(posix).taker(file, number);
            return taker.isEmpty() ? new Status.State.Dead() : state(taker.getAsInt(), number, posix);
        } finally {
            posix.close(fd);
        }
    }

    private Status.State state(int taker, int number, NativePosix posix) {
        Optional<ProcessStat> stat = ProcessStat.of(taker);
        if (stat.isPresent() ? stat.get().hasEnded() : !exists(taker, posix)) {
            return new Status.State.LeftBehind(taker);
        }
        if (stat.isPresent() && !stat.get().hasExecuted()) {
            return new Status.State.Starting(taker);
        }
        if (taker == number) {
            return new Status.State.Running(taker, since(taker));
        }
        return new Status.State.Unknown("the lock of " + path.quoted() + " is held by process " + taker
                + ", and the file names " + (number == 0 ? "none" : "process " + number), null);
    }

    /** Of a process that is hidden from this user. */
    private static boolean exists(int pid, NativePosix posix) {
        try {
            posix.getpgid(pid);
            return true;
        } catch (PosixException gone) {
            return false;
        }
    }

    private static @Nullable Instant since(int pid) {
        return ProcessHandle.of(pid).flatMap(process -> process.info().startInstant())
                .map(start -> start.truncatedTo(ChronoUnit.SECONDS)).orElse(null);
    }

    /** The number in the file, 0 if there is none: digits that end with a newline, and nothing else. */
    private static int number(String text) {
        int end = text.length() - 1;
        if (end < 1 || end > 9 || text.charAt(end) != '\n') {
            return 0;
        }
        int number = 0;
        for (int i = 0; i < end; i++) {
            char digit = text.charAt(i);
            if (digit < '0' || digit > '9') {
                return 0;
            }
            number = number * 10 + digit - '0';
        }
        return number;
    }

    private int open(NativePosix posix, OpenFlag access) {
        return posix.open(path, Set.of(access, OpenFlag.O_NOFOLLOW, OpenFlag.O_NONBLOCK, OpenFlag.O_NOCTTY,
                OpenFlag.O_CLOEXEC), FileMode.of(0));
    }

    /**
     * Removes the file, under its lock: if nobody else has that, or only what is left of a process of ours.
     *
     * @param ours the process that has ended or is about to; whoever has the lock from it is no successor
     * @return whether the file is gone
     * @throws PosixException if a call fails
     */
    boolean remove(int ours, NativePosix posix) {
        int fd;
        try {
            fd = open(posix, OpenFlag.O_RDONLY);
        } catch (PosixException gone) {
            if (gone.errno().equals(Errno.ENOENT)) {
                return true;
            }
            throw gone;
        }
        try {
            FileStatus file = posix.fstat(fd);
            if (!file.isRegularFile() || !hasOrOurs(fd, file, ours, posix) || !isStillThere(file, posix)) {
                return false;
            }
            posix.unlink(path);
            return true;
        } finally {
            posix.close(fd);
        }
    }

    private static boolean hasOrOurs(int fd, FileStatus file, int ours, NativePosix posix) {
        for (int i = 0; i < TRIES; i++) {
            try {
                posix.flock(fd);
                return true;
            } catch (PosixException held) {
                if (!held.errno().equals(Errno.EAGAIN)) {
                    throw held;
                }
                OptionalInt taker = new LockTable(posix).taker(file, ours);
                if (taker.isPresent()) {
                    return taker.getAsInt() == ours;
                }
                // Let go of since: it is to be had now, unless whoever has it cannot be seen from here.
            }
        }
        return false;
    }
}
