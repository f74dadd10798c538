package io.github.daemonsteps.ffm;

import java.lang.foreign.MemorySegment;

/** The check before the first native call. The exceptions tell a user what is missing. */
final class NativeAccess {

    private NativeAccess() {
    }

    /**
     * Checks that native calls can be made, and throws otherwise.
     *
     * @throws UnsupportedOperationException if this platform has no binding
     * @throws IllegalCallerException if the JVM was told to deny native access to this module
     */
    @SuppressWarnings("restricted") // the call is the way to find out
    static void require() {
        String unsupported = Platform.unsupported();
        if (unsupported != null) {
            throw new UnsupportedOperationException(unsupported);
        }
        try {
            MemorySegment.NULL.reinterpret(0);
        } catch (IllegalCallerException e) {
            throw new IllegalCallerException(
                    "daemon-steps needs native access: start java with "
                            + "--enable-native-access=io.github.daemonsteps "
                            + "(on the module path) or --enable-native-access=ALL-UNNAMED "
                            + "(on the class path)",
                    e);
        }
    }
}
