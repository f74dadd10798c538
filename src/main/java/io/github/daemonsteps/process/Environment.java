package io.github.daemonsteps.process;

import io.github.daemonsteps.ffm.NativePosix;
import io.github.daemonsteps.jvm.JvmVariables;
import io.github.daemonsteps.posix.CString;
import io.github.daemonsteps.text.IoReason;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Environment variables, byte for byte; see environ(7).
 *
 * @param variables each {@code NAME=value}
 */
public record Environment(List<CString> variables) {

    private static final CString EQUALS = CString.of("=");

    private static final Path INHERITED = Path.of("/proc/self/environ");

    /** Keeps an unmodifiable copy. */
    public Environment {
        variables = List.copyOf(variables);
    }

    /**
     * Returns the variables that this JVM was started with. {@link System#getenv} would lose bytes that are
     * not text in the locale's encoding. The kernel hides {@code /proc/self/environ} from a process that must
     * not be inspected, such as a {@code java} with file capabilities. The method then returns the C
     * library's list.
     */
    public static Environment inherited() {
        try {
            return new Environment(CString.listOf(Files.readAllBytes(INHERITED)));
        } catch (IOException e) {
            return new Environment(NativePosix.get().environ());
        }
    }

    /**
     * Returns the NUL-terminated strings of a file of {@code /proc}, such as {@code cmdline} and
     * {@code environ}.
     *
     * @param file the path of the file
     * @return the strings
     * @throws UncheckedIOException if the file cannot be read
     */
    public static List<CString> strings(Path file) {
        byte[] bytes;
        try {
            bytes = Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException(file + " cannot be read: " + IoReason.of(e), e);
        }
        return CString.listOf(bytes);
    }

    /**
     * Returns the value of a variable; the first value, if several variables have the name.
     *
     * @param name the name of the variable
     * @return the value; empty if no variable has the name
     */
    public Optional<CString> get(String name) {
        CString variable = first(name);
        return variable == null ? Optional.empty() : Optional.of(variable.from(name.length() + 1));
    }

    private @Nullable CString first(String name) {
        CString prefix = CString.of(name + "=");
        for (CString variable : variables) {
            if (variable.startsWith(prefix)) {
                return variable;
            }
        }
        return null;
    }

    /**
     * Returns the variables from which the java launcher and a JVM take options and the class path; see
     * java(1).
     */
    public List<CString> ofJvm() {
        List<CString> ofJvm = new ArrayList<>();
        for (String name : JvmVariables.ALL) {
            CString variable = first(name);
            if (variable != null) {
                ofJvm.add(variable);
            }
        }
        return ofJvm;
    }

    /**
     * Returns the name of a variable.
     *
     * @param variable the variable, {@code NAME=value}
     * @return the name; empty if the variable is not of that form
     */
    public static Optional<CString> nameOf(CString variable) {
        int equals = variable.indexOf('=');
        return equals > 0 ? Optional.of(variable.until(equals)) : Optional.empty();
    }

    /**
     * Returns this environment with one more variable. The variable replaces each of the same name.
     *
     * @param variable the variable, {@code NAME=value}
     * @return the new environment
     * @throws IllegalArgumentException if the variable is not of that form
     */
    public Environment with(CString variable) {
        Optional<CString> name = nameOf(variable);
        if (name.isEmpty()) {
            throw new IllegalArgumentException(
                    "variable " + variable.quoted() + ": invalid; give NAME=value");
        }
        List<CString> others = others(name.get().plus(EQUALS));
        others.add(variable);
        return new Environment(others);
    }

    /**
     * Returns this environment without the variable of this name.
     *
     * @param name the name of the variable
     * @return the new environment
     */
    public Environment without(String name) {
        return new Environment(others(CString.of(name + "=")));
    }

    private List<CString> others(CString prefix) {
        List<CString> others = new ArrayList<>();
        for (CString variable : variables) {
            if (!variable.startsWith(prefix)) {
                others.add(variable);
            }
        }
        return others;
    }
}
