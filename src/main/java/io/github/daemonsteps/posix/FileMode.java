package io.github.daemonsteps.posix;

/**
 * The permission bits of a file or of a umask; see inode(7) and umask(2).
 *
 * @param bits the bits, 0 to 07777
 */
public record FileMode(int bits) {

    private static final int ALL = 07777;

    /**
     * Creates a mode.
     *
     * @throws IllegalArgumentException if bits other than these are set
     */
    public FileMode {
        if (bits < 0 || bits > ALL) {
            throw new IllegalArgumentException("permission bits are 0 to 07777, not "
                    + (bits < 0 ? "" + bits : "0" + Integer.toOctalString(bits)));
        }
    }

    /** Returns the mode with these bits. */
    public static FileMode of(int bits) {
        return new FileMode(bits);
    }

    /**
     * Parses octal digits, such as {@code 027}.
     *
     * @throws IllegalArgumentException if the text is not octal digits, or its value is above 07777
     */
    public static FileMode parse(String octal) {
        int bits = 0;
        for (int i = 0; i < octal.length(); i++) {
            int digit = octal.charAt(i) - '0';
            bits = bits * 8 + digit;
            if (digit < 0 || digit > 7 || bits > ALL) {
                bits = -1;
                break;
            }
        }
        if (octal.isEmpty() || bits < 0) {
            throw new IllegalArgumentException(
                    "permission bits are octal digits up to 07777, not '" + octal + "'");
        }
        return new FileMode(bits);
    }

    /** Returns whether at least one of these bits is set. */
    public boolean hasAnyOf(FileMode other) {
        return (bits & other.bits) != 0;
    }

    /** Returns whether all of these bits are set. */
    public boolean hasAllOf(FileMode other) {
        return (bits & other.bits) == other.bits;
    }

    // Plain methods: those that a record has by default are linked at their first use, which takes
    // milliseconds.

    @Override
    public boolean equals(Object other) {
        return other instanceof FileMode mode && mode.bits == bits;
    }

    @Override
    public int hashCode() {
        return bits;
    }

    /** Returns four octal digits: {@code 0027}. */
    @Override
    public String toString() {
        return Integer.toOctalString(010000 | bits).substring(1);
    }
}
