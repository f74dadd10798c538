package io.github.daemonsteps;

import io.github.daemonsteps.posix.CString;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Environment variables, byte for byte; see environ(7).
 *
 * @param variables each {@code NAME=value}
 */
public record Environment(List<CString> variables) {

    /** Keeps an unmodifiable copy. */
    public Environment {
        variables = List.copyOf(variables);
    }

    /**
     * What this JVM was started with. Not from System.getenv: under a locale that is not theirs, bytes do not
     * survive becoming Strings.
     */
    public static Environment inherited() {
        return new Environment(strings(Path.of("/proc/self/environ")));
    }

    /**
     * The NUL-terminated strings of a file of {@code /proc}, as {@code cmdline} and {@code environ} are.
     *
     * @throws UncheckedIOException if it cannot be read
     */
    public static List<CString> strings(Path file) {
        byte[] bytes;
        try {
            bytes = Files.readAllBytes(file);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(file + " cannot be read", unreadable);
        }
        return CString.listOf(bytes);
    }

    /** The value of a variable; of the first, if there are several of that name. */
    public Optional<CString> get(String name) {
        CString prefix = CString.of(name + "=");
        return variables.stream().filter(variable -> variable.startsWith(prefix)).findFirst()
                .map(variable -> variable.from(prefix.length()));
    }

    /**
     * This with one variable more, {@code NAME=value}; each of the same name makes way for it.
     *
     * @throws IllegalArgumentException if it is not of that form
     */
    public Environment with(CString variable) {
        int equals = variable.indexOf('=');
        if (equals <= 0) {
            throw new IllegalArgumentException("a variable is NAME=value, not " + variable.quoted());
        }
        List<CString> others = others(variable.until(equals + 1));
        others.add(variable);
        return new Environment(others);
    }

    /** This without the variable of that name. */
    public Environment without(String name) {
        return new Environment(others(CString.of(name + "=")));
    }

    private List<CString> others(CString prefix) {
        List<CString> others = new ArrayList<>(variables);
        others.removeIf(variable -> variable.startsWith(prefix));
        return others;
    }
}
