package io.github.daemonsteps.process;

import io.github.daemonsteps.posix.CString;
import java.util.ArrayList;
import java.util.List;

/**
 * The program that a forked process executes.
 *
 * @param path the absolute path of the program; {@code PATH} is not searched
 * @param arguments the argument vector; its first element is the name
 * @param environment the environment, each variable {@code NAME=value}
 */
public record Program(CString path, List<CString> arguments, List<CString> environment) {

    /**
     * @throws IllegalArgumentException if the path is relative: it would depend on the directory of step 4
     */
    public Program {
        path.requireAbsolutePath("program");
        arguments = List.copyOf(arguments);
        environment = List.copyOf(environment);
    }

    /**
     * Returns a program with the environment that this JVM was started with, byte for byte. The path is the
     * first argument too.
     *
     * @param path the absolute path of the program, as UTF-8
     * @param arguments the other arguments, as UTF-8
     * @return the program
     */
    public static Program of(String path, String... arguments) {
        List<CString> vector = new ArrayList<>();
        vector.add(CString.of(path));
        vector.addAll(CString.listOf(arguments));
        return new Program(CString.of(path), vector, Environment.inherited().variables());
    }
}
