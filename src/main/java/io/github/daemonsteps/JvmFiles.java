package io.github.daemonsteps;

import java.io.File;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The files that this JVM has open to read its own classes from. It does not have them closed on exec, so they have to
 * be kept from a daemon's program.
 */
final class JvmFiles {

    private static final Pattern SEPARATOR = Pattern.compile(File.pathSeparator, Pattern.LITERAL);

    private JvmFiles() {
    }

    /** Their paths, as the links in {@code /proc/PID/fd} have them. */
    static Set<String> paths() {
        Set<String> paths = new HashSet<>();
        add(System.getProperty("java.home") + "/lib/modules", paths);
        for (String property : new String[]{"java.class.path", "jdk.module.path"}) {
            SEPARATOR.splitAsStream(System.getProperty(property, "")).filter(path -> !path.isEmpty())
                    .forEach(path -> add(path, paths));
        }
        return paths;
    }

    private static void add(String path, Set<String> paths) {
        try {
            paths.add(Path.of(path).toRealPath().toString());
        } catch (IOException | InvalidPathException missing) {
            // then it is not open either
        }
    }
}
