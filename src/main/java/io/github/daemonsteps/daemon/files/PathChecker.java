package io.github.daemonsteps.daemon.files;

import io.github.daemonsteps.ffm.NativePosix;
import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.Errno;
import io.github.daemonsteps.posix.FileMode;
import io.github.daemonsteps.posix.FileStatus;
import io.github.daemonsteps.posix.PosixCall;
import io.github.daemonsteps.posix.PosixException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * The check of the path to a file, from {@code /} through each directory and each symbolic link. Only trusted
 * users may be able to change where the path leads. The path is checked before the file is opened. Afterwards
 * only trusted users can change the checked path, with one exception. In a sticky directory, every user can
 * create a file that does not exist yet. So the file must be checked once more when it is open.
 *
 * <p>A directory that its group can write to passes. {@code /var/log} is such a directory on Ubuntu. Adding a
 * user to its group is a sign of trust. The group bits stand for the permissions that an access control list
 * gives to others.
 *
 * @param what the purpose of the file, for people: {@code pid file}
 * @param path the absolute path of the file
 * @param trusted the users that the directories and links on the path may belong to
 * @param atTheEnd the users that the file and its own directory may belong to
 */
public record PathChecker(String what, CString path, TrustedOwners trusted, TrustedOwners atTheEnd) {

    static final CString ROOT = CString.of("/");

    private static final CString HERE = CString.of(".");
    private static final CString UP = CString.of("..");
    private static final FileMode WRITABLE_BY_ALL = FileMode.of(0002);
    private static final FileMode STICKY = FileMode.of(01000);

    /** The limit of the kernel, see path_resolution(7). */
    private static final int MAX_LINKS = 40;

    /**
     * Walks the path.
     *
     * @return the file, of any type; empty if it does not exist in its directory
     * @throws FileRefusedException if the path cannot be trusted, or the file is a symbolic link
     * @throws PosixException if the path cannot be resolved. A missing directory is ENOENT, and another
     *        file in its place is ENOTDIR. Neither is left to a later call: in a sticky directory another
     *        user may put something else there meanwhile
     */
    public Optional<FileStatus> walk(NativePosix posix) throws FileRefusedException {
        if (path.length() >= CString.PATH_MAX) {
            throw unreachable(Errno.ENAMETOOLONG);
        }
        Deque<CString> names = new ArrayDeque<>(names(path));
        CString at = ROOT;
        FileStatus directory = posix.lstat(ROOT);
        check(at, directory, trusted);
        int links = 0;
        while (!names.isEmpty()) {
            CString name = names.pop();
            if (name.equals(UP)) {
                at = at.parent(); // checked before, on the path down
                directory = posix.lstat(at);
                continue;
            }
            CString next = at.resolve(name);
            FileStatus file;
            try {
                file = posix.lstat(next);
            } catch (PosixException e) {
                if (names.isEmpty() && e.errno().equals(Errno.ENOENT)) {
                    return Optional.empty();
                }
                throw e;
            }
            Optional<CString> target = target(next, file, posix);
            if (target.isPresent()) {
                if (names.isEmpty()) {
                    throw refused("is a symbolic link, which is not followed");
                }
                checkLink(next, file, directory);
                if (++links > MAX_LINKS) {
                    throw unreachable(Errno.ELOOP);
                }
                names(target.get()).reversed().forEach(names::push);
                if (target.get().isAbsolutePath()) {
                    at = ROOT;
                    directory = posix.lstat(ROOT);
                }
            } else if (names.isEmpty()) {
                return Optional.of(file);
            } else if (!file.isDirectory()) {
                throw unreachable(Errno.ENOTDIR); // the next call may find another file there
            } else {
                check(next, file, names.size() == 1 ? atTheEnd : trusted);
                checkPlace(next, file, directory);
                at = next;
                directory = file;
            }
        }
        return Optional.of(directory);
    }

    /**
     * Checks the file itself, open or not.
     *
     * @throws FileRefusedException if the file is not a regular file, has other names too, or belongs to an
     *        untrusted user
     */
    public void check(FileStatus file) throws FileRefusedException {
        if (!file.isRegularFile()) {
            throw refused("is not a regular file");
        } else if (!atTheEnd.own(file)) {
            throw refused("belongs to user " + file.uid() + ", who is not trusted");
        } else if (file.nlink() > 1) {
            throw refused("has " + file.nlink() + " hard links; the file must have one name");
        }
    }

    private void check(CString path, FileStatus directory, TrustedOwners owners)
            throws FileRefusedException {
        if (!owners.own(directory)) {
            throw refused("directory", path, "belongs to user " + directory.uid() + ", who is not trusted");
        }
        if (isWritableByAll(directory) && !directory.permissions().hasAnyOf(STICKY)) {
            throw refused("directory", path, "can be written to by all, and is not sticky: its mode is "
                    + directory.permissions());
        }
    }

    /**
     * Checks the directory of a file. In a directory that everyone can write to, the owner can replace the
     * file.
     */
    private void checkPlace(CString path, FileStatus file, FileStatus directory)
            throws FileRefusedException {
        if (!trusted.own(file) && isWritableByAll(directory)) {
            throw refused("directory", path, "belongs to user " + file.uid()
                    + ", in a directory that all can write to");
        }
    }

    /**
     * Checks a link. Where everyone can write, another user may have created a hard link to a trusted user's
     * symbolic link.
     */
    private void checkLink(CString path, FileStatus link, FileStatus directory)
            throws FileRefusedException {
        if (!trusted.own(link)) {
            throw refused("symbolic link", path, "belongs to user " + link.uid() + ", who is not trusted");
        }
        if (link.nlink() > 1 && isWritableByAll(directory)) {
            throw refused("symbolic link", path,
                    "has " + link.nlink() + " names, in a directory that all can write to");
        }
    }

    /** Returns whether all users can write to a file, or create files in a directory. */
    public static boolean isWritableByAll(FileStatus file) {
        return file.permissions().hasAnyOf(WRITABLE_BY_ALL);
    }

    /**
     * Returns the exception that the opening of the file would throw, since the opening follows the same
     * path.
     */
    private PosixException unreachable(Errno errno) {
        return new PosixException(new PosixCall("open", List.of(path.quoted()), "-1", errno));
    }

    private FileRefusedException refused(String why) {
        return new FileRefusedException("the " + what + " " + path.quoted() + " " + why);
    }

    private FileRefusedException refused(String part, CString at, String why) {
        return new FileRefusedException(
                "the " + part + " " + at.quoted() + " on the path to the " + what + " " + path.quoted() + " "
                        + why);
    }

    /** Returns the target of a symbolic link; empty if the file is not a symbolic link. */
    private static Optional<CString> target(CString path, FileStatus file, NativePosix posix) {
        if (file.isDirectory() || file.isRegularFile()) {
            return Optional.empty();
        }
        try {
            return Optional.of(posix.readlink(path));
        } catch (PosixException e) {
            if (e.errno().equals(Errno.EINVAL)) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /** Returns the names in a path, without empty names and {@code .}. */
    private static List<CString> names(CString path) {
        List<CString> names = new ArrayList<>();
        CString rest = path;
        while (rest.length() > 0) {
            int slash = rest.indexOf('/');
            CString name = slash < 0 ? rest : rest.until(slash);
            if (name.length() > 0 && !name.equals(HERE)) {
                names.add(name);
            }
            rest = rest.from(slash < 0 ? rest.length() : slash + 1);
        }
        return names;
    }
}
