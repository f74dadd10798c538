package io.github.daemonsteps.ffm;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.StructLayout;
import java.util.Optional;

/**
 * The offsets of members of structures that are declared in Java.
 * {@link StructLayout#byteOffset(MemoryLayout.PathElement...)} returns the same, but links method handles
 * first, which takes some milliseconds in a JVM that starts.
 */
public final class StructOffset {

    private StructOffset() {
    }

    /** Returns the offset of the member of this name in bytes. */
    public static long of(StructLayout structure, String name) {
        long offset = 0;
        for (MemoryLayout member : structure.memberLayouts()) {
            if (member.name().equals(Optional.of(name))) {
                return offset;
            }
            offset += member.byteSize();
        }
        throw new IllegalArgumentException("no member " + name + " in " + structure);
    }
}
