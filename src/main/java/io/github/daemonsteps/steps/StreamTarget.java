package io.github.daemonsteps.steps;

import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.FileMode;
import io.github.daemonsteps.posix.OpenFlag;
import java.nio.file.Path;
import java.util.Set;

/**
 * The file that a standard descriptor is opened on. A target never becomes the controlling terminal.
 *
 * @param path an absolute path
 * @param flags the flags of the opening; {@link OpenFlag#O_NONBLOCK} applies to the opening alone. A FIFO
 *        without a reader is then an error (ENXIO) at once, and a later write waits as usual
 * @param mode the permissions of the file if the opening creates it, before the umask
 */
public record StreamTarget(CString path, Set<OpenFlag> flags, FileMode mode) {

    /**
     * @throws IllegalArgumentException if the path is relative: the file would depend on the directory of
     *        step 4
     */
    public StreamTarget {
        path.requireAbsolutePath("file");
        flags = Set.copyOf(flags);
    }

    /** Returns {@code /dev/null}: a read meets end of file, and written data is discarded. */
    public static StreamTarget devNull() {
        return new StreamTarget(CString.of("/dev/null"), Set.of(OpenFlag.O_RDWR, OpenFlag.O_NOCTTY),
                FileMode.of(0));
    }

    /** Returns {@code /dev/console}, for writing. */
    public static StreamTarget console() {
        return new StreamTarget(CString.of("/dev/console"),
                Set.of(OpenFlag.O_WRONLY, OpenFlag.O_NOCTTY, OpenFlag.O_NONBLOCK),
                FileMode.of(0));
    }

    /**
     * Returns a log file, for appending. The opening creates a missing file with mode 0640. The file must not
     * be a symbolic link.
     *
     * @param path an absolute path
     * @return the target
     */
    public static StreamTarget log(CString path) {
        return new StreamTarget(path,
                Set.of(OpenFlag.O_WRONLY, OpenFlag.O_APPEND, OpenFlag.O_CREAT, OpenFlag.O_NOCTTY,
                        OpenFlag.O_NOFOLLOW, OpenFlag.O_NONBLOCK),
                FileMode.of(0640));
    }

    // Plain methods: those that a record has by default are linked at their first use, which takes
    // milliseconds.

    @Override
    public boolean equals(Object other) {
        return other instanceof StreamTarget target && target.path.equals(path)
                && target.flags.equals(flags) && target.mode.equals(mode);
    }

    @Override
    public int hashCode() {
        return path.hashCode();
    }

    /** Returns whether the opening creates a missing file. The target must then be a regular file. */
    boolean isLog() {
        return flags.contains(OpenFlag.O_CREAT);
    }

    /**
     * Returns a log file, for appending: see {@link #log(CString)}.
     *
     * @param path an absolute path
     * @return the target
     */
    public static StreamTarget log(Path path) {
        return log(CString.of(path));
    }
}
