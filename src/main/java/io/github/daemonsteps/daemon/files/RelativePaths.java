package io.github.daemonsteps.daemon.files;

import io.github.daemonsteps.ffm.NativePosix;
import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.PosixException;
import io.github.daemonsteps.process.Environment;
import io.github.daemonsteps.process.Program;
import io.github.daemonsteps.procfs.ProcLink;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;

/**
 * The relative paths in the arguments and variables of a program that runs in another directory. A path that
 * names a file or directory here may not exist there. Many programs then silently use a default.
 */
public final class RelativePaths {

    /**
     * Matches what precedes, separates and follows the paths in a text, such as
     * {@code -Dfiles=optional:file:a,b}.
     */
    private static final String SEPARATORS = "[=,;:'\" ]+";

    private final CString from;
    private final CString to;
    private final NativePosix posix;

    private RelativePaths(CString from, CString to, NativePosix posix) {
        this.from = from;
        this.to = to;
        this.posix = posix;
    }

    /**
     * Returns a warning for each argument and variable with a lost path. A lost path is relative. Its file
     * exists in the working directory of this process, and not in the directory of the program. Call this
     * method before the program runs, since the program may create files in both.
     *
     * @param program the program; its arguments are checked, and the variables from which a JVM takes options
     * @param variables more variables to check, each {@code NAME=value}
     * @param directory the absolute path of the directory in which the program runs
     */
    public static List<String> warnings(Program program, List<CString> variables, CString directory,
            NativePosix posix) {
        try {
            ProcLink here = ProcLink.workingDirectory(posix);
            return here.isRemoved() || here.path().equals(directory)
                    ? List.of()
                    : new RelativePaths(here.path(), directory, posix).warnings(program, variables);
        } catch (PosixException e) {
            return List.of(); // the working directory is unknown
        }
    }

    private List<String> warnings(Program program, List<CString> variables) {
        List<String> warnings = new ArrayList<>();
        for (CString argument : program.arguments().subList(1, program.arguments().size())) {
            addWarning("argument", argument, warnings);
        }
        var all = new LinkedHashSet<CString>(new Environment(program.environment()).ofJvm());
        all.addAll(variables);
        for (CString variable : all) {
            addWarning("variable", variable, warnings);
        }
        return warnings;
    }

    private void addWarning(String kind, CString text, List<String> warnings) {
        for (String word : words(text)) {
            if (isLost(word)) {
                warnings.add("the " + kind + " " + text.quoted() + " names " + path(word).quoted()
                        + ", which is in "
                        + from.quoted() + " and not in " + to.quoted()
                        + ", where the program runs: give an absolute path");
                return;
            }
        }
    }

    /**
     * Returns the possible paths in an argument or variable, with one char for each byte. The possible paths
     * are the whole text, and the parts of the value after an equals sign. Without an equals sign, only parts
     * with a slash or a dot count. A bare word such as {@code serve} is rarely a path.
     */
    private static List<String> words(CString text) {
        String whole = new String(text.bytes(), StandardCharsets.ISO_8859_1);
        int equals = whole.indexOf('=');
        List<String> words = new ArrayList<>();
        words.add(whole);
        for (String part : whole.substring(equals + 1).split(SEPARATORS, -1)) {
            if (equals >= 0 || part.indexOf('/') >= 0 || part.indexOf('.') >= 0) {
                words.add(part);
            }
        }
        for (String word : List.copyOf(words)) {
            if (word.startsWith("@")) { // a file of arguments
                words.add(word.substring(1));
            } else if (word.matches("-[A-Za-z][^/-]*/.*")) { // an option of one letter, such as -cconf/x
                words.add(word.substring(2));
            }
        }
        return words;
    }

    private boolean isLost(String word) {
        if (word.isEmpty() || word.startsWith("/") || word.startsWith("-")) {
            return false;
        }
        return exists(from.resolve(path(word))) && !exists(to.resolve(path(word)));
    }

    private static CString path(String word) {
        return CString.ofBytes(word.getBytes(StandardCharsets.ISO_8859_1));
    }

    private boolean exists(CString path) {
        return posix.tryStat(path).isPresent();
    }
}
