package io.github.daemonsteps.daemon;

import io.github.daemonsteps.Program;
import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.posix.NativePosix;
import io.github.daemonsteps.posix.PosixException;
import io.github.daemonsteps.posix.ProcLink;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The arguments that name a file or directory by a relative path. The daemon runs in another directory than its launcher.
 * The path does not exist there, and many programs then silently use a default.
 *
 * @param from the directory of the launcher
 * @param to the directory of the daemon
 * @param posix this process
 */
record RelativePaths(CString from, CString to, NativePosix posix) {

    /** Matches what precedes, separates and follows the paths in an argument, such as {@code -Dfiles=optional:file:a,b}. */
    private static final String SEPARATORS = "[=,;:'\" ]+";

    /** Returns a warning for each argument of a program that is about to be started. */
    static List<String> warnings(Daemon daemon, Program program) {
        NativePosix posix = daemon.settings().posix.get();
        try {
            ProcLink here = ProcLink.workingDirectory(posix);
            CString to = daemon.settings().directory;
            return here.isRemoved() || here.path().equals(to)
                    ? List.of()
                    : new RelativePaths(here.path(), to, posix).warnings(program);
        } catch (PosixException e) {
            return List.of(); // the directory of the launcher is unknown
        }
    }

    private List<String> warnings(Program program) {
        List<String> warnings = new ArrayList<>();
        for (CString argument : program.arguments().subList(1, program.arguments().size())) {
            for (String word : words(argument)) {
                if (isLost(word)) {
                    CString path = CString.ofBytes(word.getBytes(StandardCharsets.ISO_8859_1));
                    warnings.add("the argument " + argument.quoted() + " names " + path.quoted()
                            + ", which is in " + from.quoted() + " and not in " + to.quoted()
                            + ", where the daemon runs: give an absolute path");
                    break;
                }
            }
        }
        return warnings;
    }

    /**
     * Returns what may be a path in an argument, with one char for each byte: the argument, and the parts of its value, which
     * follows an equals sign. Without an equals sign, only words with a slash or a dot count: a bare word such as
     * {@code serve} is rarely a path.
     */
    private static List<String> words(CString argument) {
        String text = new String(argument.bytes(), StandardCharsets.ISO_8859_1);
        int equals = text.indexOf('=');
        List<String> words = new ArrayList<>(List.of(text.substring(equals + 1).split(SEPARATORS, -1)));
        if (equals < 0) {
            words.removeIf(word -> word.indexOf('/') < 0 && word.indexOf('.') < 0);
        }
        words.addFirst(text);
        return words;
    }

    private boolean isLost(String word) {
        if (word.isEmpty() || word.startsWith("/") || word.startsWith("-")) {
            return false;
        }
        CString path = CString.ofBytes(word.getBytes(StandardCharsets.ISO_8859_1));
        return exists(from.resolve(path)) && !exists(to.resolve(path));
    }

    private boolean exists(CString path) {
        try {
            posix.stat(path);
            return true;
        } catch (PosixException e) {
            return false;
        }
    }
}
