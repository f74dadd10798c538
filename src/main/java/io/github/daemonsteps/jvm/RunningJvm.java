package io.github.daemonsteps.jvm;

import io.github.daemonsteps.posix.CString;
import java.util.List;

/**
 * A running JVM, from the data of the kernel in {@code /proc/PID}; see proc(5).
 *
 * @param executable the file that the process runs, {@code exe}. If the file is not called {@code java} or
 *         {@code javaw}, all arguments are the program's own. A launcher that jpackage made is an example
 * @param arguments the argument vector, {@code cmdline}
 * @param workingDirectory the directory in which the JVM was started, an absolute path
 * @param environment the environment, {@code environ}: {@code NAME=value}
 */
public record RunningJvm(CString executable, List<CString> arguments, CString workingDirectory,
        List<CString> environment) {

    /**
     * Creates the description of a running JVM.
     *
     * @throws IllegalArgumentException if the directory is not an absolute path, or the argument vector is
     *         empty
     */
    public RunningJvm {
        arguments = List.copyOf(arguments);
        environment = List.copyOf(environment);
        if (!workingDirectory.isAbsolutePath()) {
            throw new IllegalArgumentException("not an absolute path: " + workingDirectory.quoted());
        }
        if (arguments.isEmpty()) {
            throw new IllegalArgumentException("a command line has at least the name of the command");
        }
    }

    /**
     * Returns whether the java launcher started the JVM; the launcher's options are then among the arguments.
     */
    public boolean isJava() {
        String path = Latin1.of(executable);
        String name = path.substring(path.lastIndexOf('/') + 1);
        return name.equals("java") || name.equals("javaw");
    }
}
