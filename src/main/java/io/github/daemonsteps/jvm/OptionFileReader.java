package io.github.daemonsteps.jvm;

import io.github.daemonsteps.posix.CString;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;

/** A reader of the files that contain options. */
@FunctionalInterface
public interface OptionFileReader {

    /**
     * Returns the bytes of a file.
     *
     * @param path the file, an absolute path
     */
    byte[] read(CString path) throws IOException;

    /**
     * Returns a reader that uses {@link Files}. Such a reader can only open names that the locale can encode:
     * under {@code LC_ALL=C}, only names in ASCII.
     */
    static OptionFileReader ofJava() {
        Charset names = Charset.forName(System.getProperty("sun.jnu.encoding", "UTF-8"));
        return path -> {
            String name = new String(path.bytes(), names);
            if (!CString.ofBytes(name.getBytes(names)).equals(path)) {
                throw new IOException(
                        "its name cannot be encoded in " + names + ", the encoding of this locale");
            }
            return Files.readAllBytes(Path.of(name));
        };
    }
}
