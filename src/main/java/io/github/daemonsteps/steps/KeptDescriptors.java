package io.github.daemonsteps.steps;

import io.github.daemonsteps.posix.StandardDescriptors;
import java.util.Collections;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * The descriptors above 2 that a run of steps keeps open for the program, besides those of
 * {@link CloseDescriptors#kept}.
 */
public final class KeptDescriptors {

    private final SortedSet<Integer> kept = new TreeSet<>();

    /** Creates an empty set. */
    public KeptDescriptors() {
    }

    /**
     * Adds a descriptor.
     *
     * @param fd the descriptor
     * @throws IllegalArgumentException if the descriptor is not above 2
     */
    public void add(int fd) {
        requireNotStandard(fd);
        kept.add(fd);
    }

    /** Returns an unmodifiable view of the descriptors, in ascending order. */
    public SortedSet<Integer> view() {
        return Collections.unmodifiableSortedSet(kept);
    }

    static void requireNotStandard(int fd) {
        if (StandardDescriptors.contains(fd)) {
            throw new IllegalArgumentException("only descriptors above 2 can be kept, not " + fd);
        }
    }
}
