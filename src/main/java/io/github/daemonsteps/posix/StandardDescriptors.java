package io.github.daemonsteps.posix;

/** The standard descriptors: 0, 1 and 2. See stdin(3). */
public final class StandardDescriptors {

    /** The number of standard descriptors, which is the lowest number of any other descriptor. */
    public static final int COUNT = 3;

    private StandardDescriptors() {
    }

    /** Returns whether the descriptor is a standard descriptor, or negative. */
    public static boolean contains(int fd) {
        return fd < COUNT;
    }
}
