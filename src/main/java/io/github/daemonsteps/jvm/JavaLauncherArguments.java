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
 * The words of a command line as the java launcher reads them: which are options, which are their values,
 * which names the program, and where the program's own arguments begin.
 */
final class JavaLauncherArguments {

    /** The options that take the next word as their value, unless it begins with a dash. */
    private static final Set<String> WITH_VALUE = Set.of(
            "-cp", "-classpath", "--class-path", "-p", "--module-path", "--upgrade-module-path",
            "-m", "--module", "-d", "--describe-module", "--source", "--patch-module", "--add-modules",
            "--limit-modules", "--enable-native-access", "--add-exports", "--add-opens", "--add-reads");

    /** An option and, if it has it as a word of its own, its value. */
    record Option(JvmArgument word, @Nullable JvmArgument value) {

        boolean is(String spelling) {
            return isSpelled(word.text(), spelling);
        }

        /** The value behind the option {@code spelling}, in the same word or in the next. */
        String value(String spelling) {
            return value == null ? valueOf(spelling, word.text()) : value.text();
        }

        /** Where the value is. */
        Place place() {
            return last().place();
        }

        /** As messages show it. */
        String quoted() {
            String option =
                    word.text().equals(PathOption.SOURCE_FILE)
                            ? "the source file"
                            : Latin1.quoted(word.text());
            return option + (value == null ? "" : " " + Latin1.quoted(value.text())) + last().whereabouts();
        }

        private JvmArgument last() {
            return value == null ? word : value;
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

    /** Whether {@code word} is the option {@code spelling}, with its value behind it or without any. */
    static boolean isSpelled(String word, String spelling) {
        boolean valueFollows = spelling.endsWith("=") || spelling.endsWith(":") || spelling.endsWith("@");
        return valueFollows ? plain(word).startsWith(spelling) : word.equals(spelling);
    }

    /** The value in {@code word}, which is the option {@code spelling}. */
    static String valueOf(String spelling, String word) {
        return plain(word).substring(spelling.length());
    }

    /** The VM takes {@code -XX:Name:=value} for {@code -XX:Name=value}. */
    private static String plain(String word) {
        return word.startsWith("-XX:") ? word.replaceFirst("^(-XX:\\w+):=", "$1=") : word;
    }

    /**
     * Reads {@code words}, and the argument files among them. Their relative paths start in {@code directory}.
     *
     * @throws RelaunchException if a relative path must not be made absolute, a file cannot be read, or no program is named
     */
    static JavaLauncherArguments read(List<JvmArgument> words, OptionFileReader files,
            AbsolutePaths directory) {
        var launch = new JavaLauncherArguments(files, directory);
        for (JvmArgument word : words) {
            if (launch.program != null) {
                break;
            }
            launch.accept(word);
            launch.taken++;
        }
        if (launch.program == null) {
            throw new RelaunchException("the command line of this JVM names no class, module or file to run");
        }
        launch.addProgramAsOption();
        return launch;
    }

    private void accept(JvmArgument word) {
        String text = word.text();
        if (!expanding || !text.startsWith("@") || text.length() == 1) {
            before.add(word);
            parse(word);
        } else if (text.startsWith("@@")) {
            before.add(word);
            parse(word.withText(text.substring(1)));
        } else {
            expand(word);
        }
    }

    private void expand(JvmArgument file) {
        options.add(new Option(file, null));
        List<JvmArgument> inside = JvmArgument.all(ArgFile.tokenize(readFile(files, file, directory)),
                new OptionsFile(Latin1.quoted(file.text())));
        List<JvmArgument> unfolded = new ArrayList<>();
        for (JvmArgument word : inside) {
            if (program != null) {
                // The file goes on with arguments of the program: what is before them is kept without it.
                before.addAll(unfolded);
                return;
            }
            unfolded.add(expanding && word.text().startsWith("@") ? word.withText("@" + word.text()) : word);
            parse(word);
        }
        before.add(file);
    }

    private void parse(JvmArgument word) {
        JvmArgument option = pending;
        pending = null;
        boolean dash = word.text().startsWith("-");
        if (option != null) {
            options.add(new Option(option, dash ? null : word));
            if (!dash) {
                if (isModuleOption(option.text())) {
                    program = word;
                }
                return;
            }
        }
        if (!dash) {
            program = word;
        } else if (WITH_VALUE.contains(word.text())) {
            pending = word;
        } else {
            options.add(new Option(word, null));
            expanding &= !word.text().equals("--disable-@files");
            if (word.text().startsWith("--module=")) {
                program = word;
            }
        }
    }

    private static boolean isModuleOption(String text) {
        return text.equals("-m") || text.equals("--module");
    }

    /** The jar and the source file are paths too, with an option far from them or none. */
    private void addProgramAsOption() {
        if (isJar()) {
            JvmArgument jar = options.stream()
                    .map(Option::word)
                    .filter(word -> word.text().equals("-jar"))
                    .findFirst()
                    .orElseThrow();
            options.removeIf(option -> option.is("-jar"));
            options.add(new Option(jar, program()));
        } else if (!isModule()
                && (has(Set.of("--source", "--source=")) || program().text().endsWith(".java"))) {
            options.add(new Option(new JvmArgument(PathOption.SOURCE_FILE, program().place()), program()));
        }
    }

    /** The options and argument files, in order; the jar or source file is the last. */
    List<Option> options() {
        return options;
    }

    boolean has(Set<String> spellings) {
        return options.stream().anyMatch(option -> spellings.stream().anyMatch(option::is));
    }

    boolean isJar() {
        return has(Set.of("-jar"));
    }

    boolean isModule() {
        return has(Set.of("-m", "--module", "--module="));
    }

    /** The word that names the class, module, jar or source file. */
    JvmArgument program() {
        if (program == null) {
            throw new IllegalStateException("not read to its end");
        }
        return program;
    }

    /**
     * The words before the program's own arguments. An argument file is one of them, unless arguments of the
     * program are in it too: then its other words are here in its place.
     */
    List<JvmArgument> before() {
        return before;
    }

    /** How many of the words these were, counting an argument file as one. */
    int taken() {
        return taken;
    }

    /**
     * Returns the content of the file that {@code word} names: an argument file, or a file of VM options.
     *
     * @throws RelaunchException if its path is relative and must not be made absolute, or it cannot be read
     */
    static String readFile(OptionFileReader files, JvmArgument word, AbsolutePaths directory) {
        PathOption row = Objects.requireNonNull(PathOption.of(word.text()), "an option with a path");
        String path = row.absolute(new Option(word, null), directory);
        try {
            return Latin1.of(files.read(Latin1.toCString(path)));
        } catch (IOException failure) {
            throw new RelaunchException(
                    Latin1.quoted(word.text()) + word.whereabouts() + " cannot be read again: "
                            + Latin1.quoted(path) + ": " + IoReason.of(failure));
        }
    }
}
