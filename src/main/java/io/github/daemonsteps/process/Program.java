package io.github.daemonsteps.process;

import io.github.daemonsteps.posix.CString;
import java.util.ArrayList;
import java.util.List;

/**
 * What a forked process becomes.
 *
 * @param path the program, an absolute path; not searched for in {@code PATH}
 * @param arguments its argument vector, its name first
 * @param environment its environment, each {@code NAME=value}
 */
public record Program(CString path, List<CString> arguments, List<CString> environment) {

    /**
     * @throws IllegalArgumentException if the path is relative: it would depend on the directory of step 4
     */
    public Program {
        if (!path.isAbsolutePath()) {
            throw new IllegalArgumentException(
                    "a daemon's program has an absolute path, and this is " + path.quoted());
        }
        arguments = List.copyOf(arguments);
        environment = List.copyOf(environment);
    }

    /**
     * A command with the environment that this JVM was started with, byte for byte. The path and the
     * arguments are UTF-8, and the path is the first of the arguments too.
     */
    public static Program of(String path, String... arguments) {
        List<CString> vector = new ArrayList<>();
        vector.add(CString.of(path));
        vector.addAll(CString.listOf(arguments));
        return new Program(CString.of(path), vector, Environment.inherited().variables());
    }
}
