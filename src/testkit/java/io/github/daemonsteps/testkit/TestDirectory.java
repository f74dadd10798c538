package io.github.daemonsteps.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * The directory of a test: new, and readable by all users, so that a daemon of another user can use it. The
 * directory is deleted after the test, also if the test has taken permissions from a directory in it.
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
        return files().stream().filter(file -> file.toString().endsWith(end)).toList();
    }

    void delete() throws IOException {
        for (Path file : files().reversed()) {
            Files.delete(file);
        }
    }

    /** Returns the directory and all files in it, each directory before its files; empty if it is deleted. */
    private List<Path> files() throws IOException {
        List<Path> files = new ArrayList<>();
        if (Files.exists(path)) {
            addFiles(path, files);
        }
        return files;
    }

    private static void addFiles(Path file, List<Path> files) throws IOException {
        files.add(file);
        if (!Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        if (!Files.isReadable(file) || !Files.isWritable(file) || !Files.isExecutable(file)) {
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
        }
        List<Path> entries;
        try (Stream<Path> list = Files.list(file)) {
            entries = list.sorted().toList();
        }
        for (Path entry : entries) {
            addFiles(entry, files);
        }
    }
}
