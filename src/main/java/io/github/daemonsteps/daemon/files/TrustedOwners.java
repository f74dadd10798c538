package io.github.daemonsteps.daemon.files;

import io.github.daemonsteps.ffm.NativePosix;
import io.github.daemonsteps.posix.FileStatus;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The users who can do nothing to this process that they could not do anyway.
 *
 * @param users their numbers
 */
public record TrustedOwners(Set<Long> users) {

    private static final long ROOT = 0;

    public TrustedOwners {
        users = Set.copyOf(users);
    }

    /**
     * Root, the owner of {@code /}, and the user that this process has. In a user namespace the files of a root from
     * outside belong to a number that stands for everybody from outside, and so does {@code /}.
     */
    public static TrustedOwners ofThisProcess(NativePosix posix) {
        return new TrustedOwners(
                new HashSet<>(
                        List.of(ROOT, posix.lstat(PathChecker.ROOT).uid(), posix.getresuid().effective())));
    }

    /** These, and those too. */
    TrustedOwners and(Set<Long> others) {
        var all = new HashSet<>(users);
        all.addAll(others);
        return new TrustedOwners(all);
    }

    boolean own(FileStatus file) {
        return users.contains(file.uid());
    }
}
