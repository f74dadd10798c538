package io.github.daemonsteps.jvm;

import io.github.daemonsteps.jvm.JvmArgument.Argument;
import io.github.daemonsteps.jvm.JvmArgument.DaemonOption;
import io.github.daemonsteps.jvm.JvmArgument.OptionsFile;
import io.github.daemonsteps.jvm.JvmArgument.Variable;
import io.github.daemonsteps.posix.CString;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A builder of the command line for a second JVM. The builder reads the command line of a running JVM and
 * makes its paths absolute. An option that cannot be passed on is refused.
 */
final class RelaunchCommandLine {

    private final RunningJvm jvm;
    private final OptionFileReader files;
    private final AbsolutePaths absolutePaths;
    /** The options that the second JVM does not get. */
    private final Set<String> launcherOptions;
    /** The arguments with paths made absolute, by their index. */
    private final Map<Integer, String> changed = new HashMap<>();
    /** The arguments that are left out, by their index. */
    private final Set<Integer> omitted = new HashSet<>();

    RelaunchCommandLine(RunningJvm jvm, OptionFileReader files, List<CString> launcherOptions) {
        this.jvm = jvm;
        this.files = files;
        this.absolutePaths = new AbsolutePaths(jvm.workingDirectory());
        this.launcherOptions = Set.copyOf(Latin1.of(launcherOptions));
    }

    JvmCommandLine read(List<CString> jvmOptions) {
        for (String variable : JvmVariables.VM) {
            for (JvmArgument argument : variableArguments(variable)) {
                checkVmOption(argument, false);
            }
        }
        return jvm.isJava() ? readJava(jvmOptions) : readOther(jvmOptions);
    }

    private JvmCommandLine readOther(List<CString> jvmOptions) {
        if (!jvmOptions.isEmpty()) {
            throw new RelaunchException("JVM options cannot be given to " + jvm.executable().quoted()
                    + ", which is not the java launcher: set JAVA_TOOL_OPTIONS for the daemon instead");
        }
        return new JvmCommandLine(jvm.arguments(), jvm.environment(), 1,
                jvm.arguments().subList(0, 1));
    }

    private JvmCommandLine readJava(List<CString> jvmOptions) {
        List<JvmArgument> arguments = new ArrayList<>(variableArguments(JvmVariables.LAUNCHER));
        int begin = arguments.size();
        arguments.addAll(JvmArgument.all(Latin1.of(jvmOptions), new DaemonOption()));
        arguments.addAll(givenArguments());

        JavaLauncherArguments launch = JavaLauncherArguments.read(arguments, files, absolutePaths);
        validate(launch);
        for (JavaLauncherArguments.Option option : launch.options()) {
            if (option.argument().place() instanceof Argument given && option.value() == null
                    && launcherOptions.contains(option.argument().text())) {
                omitted.add(given.index());
            } else {
                check(option, isForDaemonOnly(option.argument()));
                resolvePaths(option, launch);
            }
        }

        List<CString> start = new ArrayList<>(jvm.arguments().subList(0, 1));
        start.addAll(render(defaultClassPath(launch)));
        List<CString> beforeProgramArguments = join(start, render(withoutVariables(launch.before())));
        int programArguments = start.size() + launch.taken() - begin - omitted.size();
        return new JvmCommandLine(join(start, render(arguments.subList(begin, arguments.size()))),
                daemonEnvironment(launch), programArguments, beforeProgramArguments);
    }

    private static List<JvmArgument> withoutVariables(List<JvmArgument> arguments) {
        List<JvmArgument> others = new ArrayList<>();
        for (JvmArgument argument : arguments) {
            if (!(argument.place() instanceof Variable)) {
                others.add(argument);
            }
        }
        return others;
    }

    private static List<CString> join(List<CString> first, List<CString> second) {
        List<CString> joined = new ArrayList<>(first);
        joined.addAll(second);
        return joined;
    }

    /** Returns the arguments after the name of the command. */
    private List<JvmArgument> givenArguments() {
        List<String> texts = Latin1.of(jvm.arguments());
        texts.removeFirst();
        // A script passes all options of its first line as one argument: "--source 25".
        if (!texts.isEmpty() && texts.getFirst().startsWith("--source")
                && texts.getFirst().contains(" ")) {
            texts.addAll(0, List.of(texts.removeFirst().trim().split("\\s+")));
        }
        List<JvmArgument> arguments = new ArrayList<>();
        for (String text : texts) {
            arguments.add(new JvmArgument(text, new Argument(arguments.size() + 1)));
        }
        return arguments;
    }

    private List<JvmArgument> variableArguments(String variable) {
        String value = variable(variable);
        return value == null
                ? List.of()
                : JvmArgument.all(JvmArgument.cutVariable(value), new Variable(variable));
    }

    private @Nullable String variable(String name) {
        String prefix = name + "=";
        for (CString variable : jvm.environment()) {
            String entry = Latin1.of(variable);
            if (entry.startsWith(prefix)) {
                return entry.substring(prefix.length());
            }
        }
        return null;
    }

    private void checkVmOption(JvmArgument argument, boolean forDaemonOnly) {
        var option = new JavaLauncherArguments.Option(argument, null);
        check(option, forDaemonOnly);
        PathOption.refuseRelative(option);
    }

    private void check(JavaLauncherArguments.Option option, boolean forDaemonOnly) {
        if (!forDaemonOnly) {
            ConflictingOption.refuse(option);
        }
        if (option.is(PathOption.VM_OPTIONS_FILE)) {
            JvmArgument file = option.argument();
            String content = JavaLauncherArguments.readFile(files, file, absolutePaths);
            JvmArgument.all(JvmArgument.cutVariable(content), new OptionsFile(Latin1.quoted(file.text())))
                    .forEach(argument -> checkVmOption(argument, forDaemonOnly));
        }
    }

    private static boolean isForDaemonOnly(JvmArgument argument) {
        return argument.place() instanceof DaemonOption;
    }

    /** Throws if an option for the daemon only names a program, or takes another argument as its value. */
    private static void validate(JavaLauncherArguments launch) {
        if (isForDaemonOnly(launch.program())) {
            throw notOnlyOptions(Latin1.quoted(launch.program().text()));
        }
        for (JavaLauncherArguments.Option option : launch.options()) {
            if (isForDaemonOnly(option.argument()) && !(option.place() instanceof DaemonOption)) {
                throw notOnlyOptions(option.quoted());
            }
        }
    }

    private static RelaunchException notOnlyOptions(String what) {
        return new RelaunchException("the daemon's JVM options are not only options: " + what);
    }

    private void resolvePaths(JavaLauncherArguments.Option option, JavaLauncherArguments launch) {
        PathOption row = PathOption.of(option.argument().text());
        if (row == null || isNotClassPath(option.value(row.spelling()), row, launch)) {
            return;
        }
        String value = row.absolute(option, absolutePaths);
        boolean isChanged = !value.equals(option.value(row.spelling()));
        if (isChanged && option.place() instanceof Argument argument) {
            changed.put(argument.index(), (option.value() == null ? row.spelling() : "") + value);
        }
    }

    /**
     * Returns whether an empty value is not a class path. By default an empty class path is the working
     * directory, but with a module it is not a path.
     */
    private static boolean isNotClassPath(String value, PathOption row, JavaLauncherArguments launch) {
        return row.shape() == PathSyntax.CLASS_PATH && value.isEmpty() && launch.isModule();
    }

    /** Returns the class path that the launcher uses by default, as explicit options. */
    private List<JvmArgument> defaultClassPath(JavaLauncherArguments launch) {
        boolean given = launch.has(PathOption.CLASS_PATH) || variable(JvmVariables.CLASS_PATH) != null;
        return given || launch.isJar() || launch.isModule()
                ? List.of()
                : JvmArgument.all(List.of("-cp", absolutePaths.in("", PathSyntax.CLASS_PATH, "-cp")),
                        new DaemonOption());
    }

    private List<CString> daemonEnvironment(JavaLauncherArguments launch) {
        if (launch.has(PathOption.CLASS_PATH) || launch.isJar()) {
            return jvm.environment();
        }
        String name = JvmVariables.CLASS_PATH + "=";
        List<CString> environment = new ArrayList<>();
        for (CString entry : jvm.environment()) {
            String text = Latin1.of(entry);
            environment.add(text.startsWith(name) && !(text.equals(name) && launch.isModule())
                    ? Latin1.toCString(name + absolutePaths.in(text.substring(name.length()),
                            PathSyntax.CLASS_PATH, JvmVariables.CLASS_PATH))
                    : entry);
        }
        return environment;
    }

    private List<CString> render(List<JvmArgument> arguments) {
        List<CString> rendered = new ArrayList<>();
        for (JvmArgument argument : arguments) {
            if (!(argument.place() instanceof Argument given)) {
                rendered.add(Latin1.toCString(argument.text()));
            } else if (!omitted.contains(given.index())) {
                rendered.add(Latin1.toCString(changed.getOrDefault(given.index(), argument.text())));
            }
        }
        return rendered;
    }
}
