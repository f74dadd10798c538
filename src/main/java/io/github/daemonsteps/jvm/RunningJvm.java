package io.github.daemonsteps.jvm;

import io.github.daemonsteps.posix.CString;
import java.util.List;

/**
 * A running JVM, as the kernel tells of it in {@code /proc/PID}; see proc(5).
 *
 * @param executable       the file it runs, {@code exe}. Unless that is called {@code java} or {@code javaw},
 *                         as with a launcher that jpackage made, the arguments are all the program's own
 * @param arguments        {@code cmdline}
 * @param workingDirectory where it was started, an absolute path
 * @param environment      {@code environ}: {@code NAME=value}
 */
public record RunningJvm(CString executable, List<CString> arguments, CString workingDirectory,
        List<CString> environment) {

    /** @throws IllegalArgumentException if the directory is no absolute path, or there is no argument */
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

    /** Whether it was started by the java launcher, whose options are among the arguments. */
    public boolean isJava() {
        String path = Latin1.of(executable);
        String name = path.substring(path.lastIndexOf('/') + 1);
        return name.equals("java") || name.equals("javaw");
    }
}
