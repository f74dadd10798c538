package io.github.daemonsteps.jvm;

import io.github.daemonsteps.posix.CString;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads the files that hold options. */
@FunctionalInterface
public interface OptionFileReader {

    /** The bytes of the file at {@code path}, which is absolute. */
    byte[] read(CString path) throws IOException;

    /**
     * Reads with {@link Files}, which can only open what the locale can spell: under {@code LC_ALL=C}, only
     * names in ASCII.
     */
    static OptionFileReader ofJava() {
        Charset names = Charset.forName(System.getProperty("sun.jnu.encoding", "UTF-8"));
        return path -> {
            String name = new String(path.bytes(), names);
            if (!CString.ofBytes(name.getBytes(names)).equals(path)) {
                throw new IOException("its name is no text in " + names + ", the encoding of this locale");
            }
            return Files.readAllBytes(Path.of(name));
        };
    }
}
