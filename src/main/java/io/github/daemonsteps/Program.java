package io.github.daemonsteps;

import io.github.daemonsteps.posix.CString;
import java.util.List;
import java.util.Map;

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

    /** A command with this JVM's environment, all as UTF-8. The path is its name too. */
    public static Program of(String path, String... arguments) {
        List<CString> vector = new java.util.ArrayList<>(List.of(CString.of(path)));
        for (String argument : arguments) {
            vector.add(CString.of(argument));
        }
        List<CString> environment = new java.util.ArrayList<>();
        for (Map.Entry<String, String> variable : System.getenv().entrySet()) {
            environment.add(CString.of(variable.getKey() + "=" + variable.getValue()));
        }
        return new Program(CString.of(path), vector, environment);
    }
}
