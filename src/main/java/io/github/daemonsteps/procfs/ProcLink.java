package io.github.daemonsteps.procfs;

import io.github.daemonsteps.ffm.NativePosix;
import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.FileStatus;
import io.github.daemonsteps.posix.PosixException;
import java.util.Optional;

/**
 * The target of a link in {@code /proc}, such as {@code /proc/self/exe}. If the file was removed or replaced
 * after it was opened, the kernel adds {@code " (deleted)"} to the path; see proc_pid_exe(5).
 *
 * @param path the path of the file, without the addition
 * @param isRemoved whether the path no longer leads to that file
 */
public record ProcLink(CString path, boolean isRemoved) {

    private static final CString DELETED = CString.of(" (deleted)");
    private static final CString WORKING_DIRECTORY = CString.of("/proc/self/cwd");

    /**
     * Returns the working directory of this process.
     *
     * @throws PosixException if the link cannot be read
     */
    public static ProcLink workingDirectory(NativePosix posix) {
        return read(WORKING_DIRECTORY, posix);
    }

    /**
     * Reads a link.
     *
     * @throws PosixException if the link cannot be read
     */
    public static ProcLink read(CString link, NativePosix posix) {
        CString path = posix.readlink(link);
        int end = path.length() - DELETED.length();
        boolean isRemoved = end > 0 && path.from(end).equals(DELETED) && !isSameFile(path, link, posix);
        return isRemoved ? new ProcLink(path.until(end), true) : new ProcLink(path, false);
    }

    /** Returns whether the path leads to the target. The name of a file may really end like that. */
    private static boolean isSameFile(CString path, CString link, NativePosix posix) {
        Optional<FileStatus> target = posix.tryStat(link);
        return target.isPresent() && posix.tryStat(path).filter(target.get()::isSameFileAs).isPresent();
    }

    /** Returns whether a file has the path now, even if it is another file. */
    public boolean exists(NativePosix posix) {
        return posix.tryStat(path).isPresent();
    }
}
