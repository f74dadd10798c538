package io.github.daemonsteps.procfs;

import java.io.FileInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The text of a file of {@code /proc}.
 *
 * <p>The first read asks for the whole file. A file of {@code /proc/sys} has no more bytes for a second read,
 * so {@link java.nio.file.Files#readString}, which first reads one byte, would return one digit of a number.
 * A stream also takes half the time of a channel in a JVM that has just started.
 */
public final class ProcFile {

    private ProcFile() {
    }

    /**
     * Reads a file. Each character of the text is one byte.
     *
     * @throws java.nio.file.NoSuchFileException if the file does not exist
     * @throws java.nio.file.AccessDeniedException if this user may not read the file
     * @throws IOException if the file cannot be read for another reason
     */
    public static String text(Path file) throws IOException {
        try (var stream = new FileInputStream(file.toFile())) {
            return new String(stream.readAllBytes(), StandardCharsets.ISO_8859_1);
        } catch (FileNotFoundException e) { // has one class for all reasons; a channel has one for each
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        }
    }

    /**
     * Reads a file of {@code /proc/sys}, without the end of its line.
     *
     * @throws IOException if the file cannot be read, as in a {@code /proc} without these settings
     */
    public static String setting(Path file) throws IOException {
        return text(file).strip();
    }
}
