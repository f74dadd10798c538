package io.github.daemonsteps.jvm;

import io.github.daemonsteps.posix.CString;
import java.util.List;
import java.util.function.UnaryOperator;

/** A converter that makes relative paths absolute, against a directory. */
final class AbsolutePaths implements UnaryOperator<String> {

    private final String directory;

    AbsolutePaths(CString directory) {
        this.directory = Latin1.of(directory);
    }

    /**
     * Returns {@code value} with its paths made absolute.
     *
     * @param value the value of an option
     * @param shape the position of the paths in the value
     * @param option the option, for the message
     * @throws RelaunchException if the directory contains a character that ends a path in such a value; the
     *         message names {@code option}
     */
    String in(String value, PathSyntax shape, String option) {
        String absolute = shape.map(value, this);
        List<String> wanted = shape.paths(value);
        wanted.replaceAll(this);
        if (!shape.paths(absolute).equals(wanted)) {
            throw new RelaunchException(option + ": its paths are relative, and the working directory, "
                    + Latin1.quoted(directory) + ", has a character that would end a path there");
        }
        return absolute;
    }

    /** Returns the path, made absolute. */
    @Override
    public String apply(String path) {
        if (path.startsWith("/")) {
            return path;
        }
        if (path.isEmpty()) {
            return directory;
        }
        return directory.endsWith("/") ? directory + path : directory + "/" + path;
    }
}
