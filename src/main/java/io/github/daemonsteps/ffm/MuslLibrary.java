package io.github.daemonsteps.ffm;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;

/**
 * The C library musl. Its loader, {@code ld-musl-ARCHITECTURE.so.1}, is the library too, so each program with
 * musl has mapped this file. A machine may have musl beside the GNU C library.
 */
final class MuslLibrary {

    private static final Path MAPS = Path.of("/proc/self/maps");
    private static final Pattern LOADER = Pattern.compile("/ld-musl-[^/]+\\.so\\.1$", Pattern.MULTILINE);

    private MuslLibrary() {
    }

    /** Returns whether this JVM uses musl, so far as the mapped files show it. */
    static boolean isLoaded() {
        try {
            return isIn(Files.readString(MAPS, StandardCharsets.ISO_8859_1));
        } catch (IOException e) {
            return false; // without /proc each start fails
        }
    }

    /** Returns whether the text of a file of mappings names musl; see proc_pid_maps(5). */
    static boolean isIn(String maps) {
        return LOADER.matcher(maps).find();
    }
}
