package io.github.daemonsteps.jvm;

import io.github.daemonsteps.jvm.JvmArgument.OptionsFile;
import io.github.daemonsteps.jvm.JvmArgument.Place;
import io.github.daemonsteps.text.IoReason;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The arguments of a command line as the java launcher reads them. The class finds the options with their
 * values and the argument that names the program. The program's own arguments begin after that.
 */
final class JavaLauncherArguments {

    /** The options that take the next argument as their value, unless that argument begins with a dash. */
    private static final Set<String> WITH_VALUE = Set.of(
            "-cp", "-classpath", "--class-path", "-p", "--module-path", "--upgrade-module-path",
            "-m", "--module", "-d", "--describe-module", "--source", "--patch-module", "--add-modules",
            "--limit-modules", "--enable-native-access", "--add-exports", "--add-opens", "--add-reads");

    /**
     * An option and its value.
     *
     * @param argument the option
     * @param value the value if it is an argument of its own; else null
     */
    record Option(JvmArgument argument, @Nullable JvmArgument value) {

        boolean is(String spelling) {
            return isSpelled(argument.text(), spelling);
        }

        /** Returns the value of the option {@code spelling}, from the same argument or from the next. */
        String value(String spelling) {
            return value == null ? valueOf(spelling, argument.text()) : value.text();
        }

        /** Returns the place of the value. */
        Place place() {
            return last().place();
        }

        /** Returns the option in the form that messages show. */
        String quoted() {
            String option =
                    argument.text().equals(PathOption.SOURCE_FILE)
                            ? "the source file"
                            : Latin1.quoted(argument.text());
            return option + (value == null ? "" : " " + Latin1.quoted(value.text())) + last().whereabouts();
        }

        private JvmArgument last() {
            return value == null ? argument : value;
        }
    }

    private final OptionFileReader files;
    private final AbsolutePaths directory;
    private final List<Option> options = new ArrayList<>();
    private final List<JvmArgument> before = new ArrayList<>();
    private int taken;
    private boolean expanding = true;
    private @Nullable JvmArgument pending;
    private @Nullable JvmArgument program;

    private JavaLauncherArguments(OptionFileReader files, AbsolutePaths directory) {
        this.files = files;
        this.directory = directory;
    }

    /**
     * Returns whether {@code argument} is the option {@code spelling}, with its value in the same argument or
     * without a value.
     */
    static boolean isSpelled(String argument, String spelling) {
        boolean valueFollows = spelling.endsWith("=") || spelling.endsWith(":") || spelling.endsWith("@");
        return valueFollows ? plain(argument).startsWith(spelling) : argument.equals(spelling);
    }

    /** Returns the value in {@code argument}, which is the option {@code spelling}. */
    static String valueOf(String spelling, String argument) {
        return plain(argument).substring(spelling.length());
    }

    /**
     * Replaces {@code -XX:Name:=value} by {@code -XX:Name=value}: the VM takes the first form for the second.
     */
    private static String plain(String argument) {
        return argument.startsWith("-XX:") ? argument.replaceFirst("^(-XX:\\w+):=", "$1=") : argument;
    }

    /**
     * Reads {@code arguments}, and the argument files among them. Relative paths of these files start in
     * {@code directory}.
     *
     * @throws RelaunchException if a relative path must not be made absolute, a file cannot be read, or the
     *         program is not named
     */
    static JavaLauncherArguments read(List<JvmArgument> arguments, OptionFileReader files,
            AbsolutePaths directory) {
        var launch = new JavaLauncherArguments(files, directory);
        for (JvmArgument argument : arguments) {
            if (launch.program != null) {
                break;
            }
            launch.accept(argument);
            launch.taken++;
        }
        if (launch.program == null) {
            throw new RelaunchException("the command line of this JVM names no class, module or file to run");
        }
        launch.addProgramAsOption();
        return launch;
    }

    private void accept(JvmArgument argument) {
        String text = argument.text();
        if (!expanding || !text.startsWith("@") || text.length() == 1) {
            before.add(argument);
            parse(argument);
        } else if (text.startsWith("@@")) {
            before.add(argument);
            parse(argument.withText(text.substring(1)));
        } else {
            expand(argument);
        }
    }

    private void expand(JvmArgument file) {
        options.add(new Option(file, null));
        List<JvmArgument> inside = JvmArgument.all(ArgFile.tokenize(readFile(files, file, directory)),
                new OptionsFile(Latin1.quoted(file.text())));
        List<JvmArgument> unfolded = new ArrayList<>();
        for (JvmArgument argument : inside) {
            if (program != null) {
                // The file also contains arguments of the program. The arguments before them are kept without
                // the file.
                before.addAll(unfolded);
                return;
            }
            unfolded.add(expanding && argument.text().startsWith("@")
                    ? argument.withText("@" + argument.text())
                    : argument);
            parse(argument);
        }
        before.add(file);
    }

    private void parse(JvmArgument argument) {
        JvmArgument option = pending;
        pending = null;
        boolean dash = argument.text().startsWith("-");
        if (option != null) {
            options.add(new Option(option, dash ? null : argument));
            if (!dash) {
                if (isModuleOption(option.text())) {
                    program = argument;
                }
                return;
            }
        }
        if (!dash) {
            program = argument;
        } else if (WITH_VALUE.contains(argument.text())) {
            pending = argument;
        } else {
            options.add(new Option(argument, null));
            expanding &= !argument.text().equals("--disable-@files");
            if (argument.text().startsWith("--module=")) {
                program = argument;
            }
        }
    }

    private static boolean isModuleOption(String text) {
        return text.equals("-m") || text.equals("--module");
    }

    /**
     * Adds the jar or the source file as an option, since both are paths. Their option is far from them, or
     * they do not have one.
     */
    private void addProgramAsOption() {
        if (isJar()) {
            JvmArgument jar = options.stream()
                    .map(Option::argument)
                    .filter(argument -> argument.text().equals("-jar"))
                    .findFirst()
                    .orElseThrow();
            options.removeIf(option -> option.is("-jar"));
            options.add(new Option(jar, program()));
        } else if (!isModule()
                && (has(Set.of("--source", "--source=")) || program().text().endsWith(".java"))) {
            options.add(new Option(new JvmArgument(PathOption.SOURCE_FILE, program().place()), program()));
        }
    }

    /** Returns the options and argument files, in order; the jar or source file is the last. */
    List<Option> options() {
        return options;
    }

    boolean has(Set<String> spellings) {
        for (Option option : options) {
            for (String spelling : spellings) {
                if (option.is(spelling)) {
                    return true;
                }
            }
        }
        return false;
    }

    boolean isJar() {
        return has(Set.of("-jar"));
    }

    boolean isModule() {
        return has(Set.of("-m", "--module", "--module="));
    }

    /** Returns the argument that names the class, module, jar or source file. */
    JvmArgument program() {
        if (program == null) {
            throw new IllegalStateException("not read to its end");
        }
        return program;
    }

    /**
     * Returns the arguments before the program's own arguments. An argument file is one of them, unless the
     * file also contains arguments of the program. In that case the other arguments of the file replace the
     * file here.
     */
    List<JvmArgument> before() {
        return before;
    }

    /** Returns the number of arguments that were read, with an argument file counted as one. */
    int taken() {
        return taken;
    }

    /**
     * Returns the content of the file that {@code argument} names: an argument file, or a file of VM options.
     *
     * @throws RelaunchException if the path is relative and must not be made absolute, or the file cannot be
     *         read
     */
    static String readFile(OptionFileReader files, JvmArgument argument, AbsolutePaths directory) {
        PathOption row = Objects.requireNonNull(PathOption.of(argument.text()), "an option with a path");
        String path = row.absolute(new Option(argument, null), directory);
        try {
            return Latin1.of(files.read(Latin1.toCString(path)));
        } catch (IOException e) {
            throw new RelaunchException(
                    Latin1.quoted(argument.text()) + argument.whereabouts() + " cannot be read again: "
                            + Latin1.quoted(path) + ": " + IoReason.of(e));
        }
    }
}
