package io.github.daemonsteps.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * The directory of a test: new, and readable by all users, so that a daemon of another user can use it. The
 * directory is deleted after the test.
 *
 * @param path the absolute path
 */
public record TestDirectory(Path path) {

    static TestDirectory create() throws IOException {
        Path path = Files.createTempDirectory("daemon-steps-test").toRealPath();
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
        return new TestDirectory(path);
    }

    /**
     * Returns the path of a file in the directory.
     *
     * @param name the name of the file
     */
    public Path file(String name) {
        return path.resolve(name);
    }

    /**
     * Returns the lines of a file in the directory.
     *
     * @param name the name of the file
     * @throws UncheckedIOException if the file cannot be read
     */
    public List<String> lines(String name) {
        try {
            return Files.readAllLines(file(name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns all files whose names end so. */
    List<Path> filesThatEndWith(String end) throws IOException {
        try (Stream<Path> files = Files.walk(path)) {
            return files.filter(file -> file.toString().endsWith(end)).sorted().toList();
        }
    }

    void delete() throws IOException {
        if (Files.notExists(path)) {
            return;
        }
        try (Stream<Path> files = Files.walk(path)) {
            for (Path file : (Iterable<Path>) files.sorted(Comparator.reverseOrder())::iterator) {
                Files.delete(file);
            }
        }
    }
}
