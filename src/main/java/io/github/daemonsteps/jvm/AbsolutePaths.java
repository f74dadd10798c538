package io.github.daemonsteps.jvm;

import io.github.daemonsteps.posix.CString;
import java.util.List;

/** Makes relative paths absolute, against a directory. */
final class AbsolutePaths {

    private final String directory;

    AbsolutePaths(CString directory) {
        this.directory = Latin1.of(directory);
    }

    /**
     * {@code value} with its paths made absolute.
     *
     * @throws RelaunchException if the directory contains what ends a path in such a value: {@code option}
     *                           says which one it is
     */
    String in(String value, PathSyntax shape, String option) {
        String absolute = shape.map(value, this::of);
        List<String> wanted = shape.paths(value).stream().map(this::of).toList();
        if (!shape.paths(absolute).equals(wanted)) {
            throw new RelaunchException(option + ": its paths are relative, and the working directory, "
                    + Latin1.quoted(directory) + ", has a character that would end a path there");
        }
        return absolute;
    }

    private String of(String path) {
        if (path.startsWith("/")) {
            return path;
        }
        if (path.isEmpty()) {
            return directory;
        }
        return directory.endsWith("/") ? directory + path : directory + "/" + path;
    }
}
