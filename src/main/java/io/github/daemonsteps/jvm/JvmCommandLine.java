package io.github.daemonsteps.jvm;

import io.github.daemonsteps.posix.CString;
import java.util.List;
import java.util.stream.Stream;

/**
 * The command line of a JVM, for a second JVM in the directory {@code /}. The second JVM runs the same
 * program in the same way as the first. The class starts no process, and reads only option files. A command
 * line for which that cannot be ensured is refused by a {@link RelaunchException}.
 *
 * <p>The arguments and the environment are those of the first JVM, except for paths made absolute.
 * {@code docs/jvm-options.md} lists which options are changed or refused, and why.
 */
public final class JvmCommandLine {

    private final List<CString> arguments;
    private final List<CString> environment;
    private final int programArguments;
    private final List<CString> beforeProgramArguments;

    JvmCommandLine(List<CString> arguments, List<CString> environment, int programArguments,
            List<CString> beforeProgramArguments) {
        this.arguments = List.copyOf(arguments);
        this.environment = List.copyOf(environment);
        this.programArguments = programArguments;
        this.beforeProgramArguments = List.copyOf(beforeProgramArguments);
    }

    /**
     * Returns the command line that starts {@code jvm} again, from {@code /}.
     *
     * @param jvm the first JVM
     * @param jvmOptions options for the new JVM only, put before all others; paths in them are absolute
     * @param launcherOptions options for the first JVM only; left out if the command line has them as single
     *         arguments
     * @param files the reader of argument files and option files
     * @throws RelaunchException if an option cannot be passed on, or a file cannot be read
     */
    public static JvmCommandLine forRelaunch(RunningJvm jvm, List<CString> jvmOptions,
            List<CString> launcherOptions, OptionFileReader files) {
        return new RelaunchCommandLine(jvm, files, launcherOptions).read(jvmOptions);
    }

    /** Returns the argument vector, with the name of the command first. */
    public List<CString> arguments() {
        return arguments;
    }

    /** Returns the environment: {@code NAME=value}. */
    public List<CString> environment() {
        return environment;
    }

    /**
     * Returns the index in {@link #arguments} of the first of the program's own arguments. An argument file
     * that names the program may also contain arguments of the program. In that case those in the vector come
     * after those in the file.
     */
    public int programArguments() {
        return programArguments;
    }

    /** Returns the same command line with {@code others} in place of all of the program's own arguments. */
    public JvmCommandLine withProgramArguments(List<CString> others) {
        return new JvmCommandLine(Stream.concat(beforeProgramArguments.stream(), others.stream()).toList(),
                environment, beforeProgramArguments.size(), beforeProgramArguments);
    }
}
