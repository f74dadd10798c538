package io.github.daemonsteps.daemon.files;

import io.github.daemonsteps.ffm.NativePosix;
import io.github.daemonsteps.posix.FileStatus;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The users that cannot do more to this process by a file than they could do without it.
 *
 * @param users the numbers of the users
 */
public record TrustedOwners(Set<Long> users) {

    private static final long ROOT = 0;

    public TrustedOwners {
        users = Set.copyOf(users);
    }

    /**
     * Returns root and the owner of {@code /}. In a user namespace, files of an outer root belong to a number
     * that stands for all outer users. {@code /} then belongs to that number too.
     */
    public static TrustedOwners root(NativePosix posix) {
        return new TrustedOwners(new HashSet<>(List.of(ROOT, posix.lstat(PathChecker.ROOT).uid())));
    }

    /** Returns root, the owner of {@code /}, and the user of this process. */
    public static TrustedOwners ofThisProcess(NativePosix posix) {
        return root(posix).and(Set.of(posix.getresuid().effective()));
    }

    /** Returns these users and the others. */
    TrustedOwners and(Set<Long> others) {
        var all = new HashSet<>(users);
        all.addAll(others);
        return new TrustedOwners(all);
    }

    boolean own(FileStatus file) {
        return users.contains(file.uid());
    }
}
