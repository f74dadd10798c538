package io.github.daemonsteps.steps;

import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.FileMode;
import io.github.daemonsteps.posix.OpenFlag;
import java.nio.file.Path;
import java.util.Set;

/**
 * What a standard descriptor is opened on. None of them ever becomes the controlling terminal.
 *
 * @param path an absolute path
 * @param flags how it is opened; {@link OpenFlag#O_NONBLOCK} counts for the opening alone: a FIFO without a
 *        reader is an error (ENXIO) at once, and writing to what was opened waits as usual
 * @param mode the permissions of the file if it is created, before the umask
 */
public record StreamTarget(CString path, Set<OpenFlag> flags, FileMode mode) {

    /**
     * @throws IllegalArgumentException if the path is relative: it would depend on the directory of step 4
     */
    public StreamTarget {
        if (!path.isAbsolutePath()) {
            throw new IllegalArgumentException(
                    "a daemon's files have absolute paths, and this is " + path.quoted());
        }
        flags = Set.copyOf(flags);
    }

    /** {@code /dev/null}: nothing to read, and what is written is gone. */
    public static StreamTarget devNull() {
        return new StreamTarget(CString.of("/dev/null"), Set.of(OpenFlag.O_RDWR, OpenFlag.O_NOCTTY),
                FileMode.of(0));
    }

    /** {@code /dev/console}, to write to. */
    public static StreamTarget console() {
        return new StreamTarget(CString.of("/dev/console"),
                Set.of(OpenFlag.O_WRONLY, OpenFlag.O_NOCTTY, OpenFlag.O_NONBLOCK),
                FileMode.of(0));
    }

    /**
     * A log file, to append to. It is created with mode 0640 if there is none; it must not be a symbolic
     * link.
     */
    public static StreamTarget log(CString path) {
        return new StreamTarget(path,
                Set.of(OpenFlag.O_WRONLY, OpenFlag.O_APPEND, OpenFlag.O_CREAT, OpenFlag.O_NOCTTY,
                        OpenFlag.O_NOFOLLOW, OpenFlag.O_NONBLOCK),
                FileMode.of(0640));
    }

    /** Whether a file is made here if there is none: then nothing but a regular file will do. */
    boolean isLog() {
        return flags.contains(OpenFlag.O_CREAT);
    }

    /** Returns a log file at this path. */
    public static StreamTarget log(Path path) {
        return log(CString.of(path));
    }
}
