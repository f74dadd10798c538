package io.github.daemonsteps.daemon.files;

import io.github.daemonsteps.ffm.NativePosix;
import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.FileStatus;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * Where a path leads to, as the kernel resolves it: the file, if there is one, and the directory with the names in it. Two
 * paths that differ by a link, a mount or a {@code ./} have one location.
 *
 * @param file the file; empty if there is none, or it cannot be seen
 * @param directory the last directory on the path that exists; empty if none can be seen
 * @param names the names that follow it: one, if no directory is missing
 */
public record FileLocation(Optional<FileStatus> file, Optional<FileStatus> directory, List<CString> names) {

    private static final CString HERE = CString.of(".");

    /** Returns the location of an absolute path. */
    public static FileLocation of(CString path, NativePosix posix) {
        Deque<CString> names = new ArrayDeque<>();
        CString rest = path;
        Optional<FileStatus> directory = Optional.empty();
        while (directory.isEmpty() && rest.length() > 0) {
            int slash = rest.lastIndexOf('/');
            CString name = rest.from(slash + 1);
            if (name.length() > 0 && !name.equals(HERE)) {
                names.push(name);
            }
            rest = rest.until(slash);
            directory = posix.tryStat(rest.length() == 0 ? PathChecker.ROOT : rest);
        }
        // A status that cannot be read is not an error here: opening the file reports why it cannot be reached.
        return new FileLocation(posix.tryStat(path), directory, List.copyOf(names));
    }

    /** Whether both paths lead to the same file, which may not exist yet. */
    public boolean isSameAs(FileLocation other) {
        return isSame(file, other.file) || (isSame(directory, other.directory) && names.equals(other.names));
    }

    private static boolean isSame(Optional<FileStatus> one, Optional<FileStatus> other) {
        return one.isPresent() && other.isPresent() && one.get().isSameFileAs(other.get());
    }
}
