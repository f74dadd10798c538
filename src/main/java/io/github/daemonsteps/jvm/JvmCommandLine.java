package io.github.daemonsteps.jvm;

import io.github.daemonsteps.posix.CString;
import java.util.List;
import java.util.stream.Stream;

/**
 * The command line of a JVM, such that a second JVM started with it in {@code /} runs the same program in the
 * same way as the first. Nothing is started and nothing but option files is read; a command line of which
 * that cannot be said is refused by a {@link RelaunchException}.
 *
 * <p>The arguments and the environment are those of the first JVM, but for paths made absolute: {@code
 * docs/jvm-options.md} says which options are changed, which refused, and why.
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
     * The command line that starts {@code jvm} again, from {@code /}.
     *
     * @param jvmOptions options for the new JVM only, put before all others; paths in them are absolute
     * @param files      how argument files and option files are read
     * @throws RelaunchException if an option cannot be handed over, or a file cannot be read
     */
    public static JvmCommandLine forRelaunch(RunningJvm jvm, List<CString> jvmOptions,
            OptionFileReader files) {
        return new RelaunchCommandLine(jvm, files).read(jvmOptions);
    }

    /** The argument vector, the name of the command being the first. */
    public List<CString> arguments() {
        return arguments;
    }

    /** The environment: {@code NAME=value}. */
    public List<CString> environment() {
        return environment;
    }

    /**
     * The index in {@link #arguments} from which on they are the program's own. If an argument file names
     * the program and has arguments of it too, those in the vector come behind them.
     */
    public int programArguments() {
        return programArguments;
    }

    /** The same with {@code others} for the program's own arguments, all of them. */
    public JvmCommandLine withProgramArguments(List<CString> others) {
        return new JvmCommandLine(Stream.concat(beforeProgramArguments.stream(), others.stream()).toList(),
                environment, beforeProgramArguments.size(), beforeProgramArguments);
    }
}
