package io.github.daemonsteps.daemon.files;

import io.github.daemonsteps.ffm.NativePosix;
import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.FileStatus;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * The location of a path, as the kernel resolves it. Two paths that differ by a link, a mount or a {@code ./}
 * have one location. A location consists of the file, if it exists, and of the directory with the names in
 * it.
 *
 * @param file the file; empty if it does not exist, or cannot be seen
 * @param directory the last directory on the path that exists; empty if none can be seen
 * @param names the names that follow the directory: one, if no directory is missing
 */
public record FileLocation(Optional<FileStatus> file, Optional<FileStatus> directory, List<CString> names) {

    private static final CString HERE = CString.of(".");

    /** Returns the location of an absolute path. */
    public static FileLocation of(CString path, NativePosix posix) {
        Deque<CString> names = new ArrayDeque<>();
        CString rest = path;
        Optional<FileStatus> directory = Optional.empty();
        while (directory.isEmpty() && !rest.equals(PathChecker.ROOT)) {
            CString name = rest.fileName();
            if (name.length() > 0 && !name.equals(HERE)) {
                names.push(name);
            }
            rest = rest.parent();
            directory = posix.tryStat(rest);
        }
        // A status that cannot be read is not an error here: the opening reports why the file cannot be
        // reached.
        return new FileLocation(posix.tryStat(path), directory, List.copyOf(names));
    }

    /** Returns whether both paths lead to the same file, which may not exist yet. */
    public boolean isSameAs(FileLocation other) {
        return isSame(file, other.file) || (isSame(directory, other.directory) && names.equals(other.names));
    }

    private static boolean isSame(Optional<FileStatus> one, Optional<FileStatus> other) {
        return one.isPresent() && other.isPresent() && one.get().isSameFileAs(other.get());
    }
}
