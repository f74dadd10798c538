package io.github.daemonsteps.daemon.start;

import io.github.daemonsteps.posix.CString;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The check whether an AOT cache is older than a jar of the class path. JDK 25.0.3 does not notice that, and
 * runs the old classes.
 *
 * @see <a href="https://bugs.openjdk.org/browse/JDK-8377932">JDK-8377932</a>
 */
final class StaleCache {

    private static final String OPTION = "-XX:AOTCache=";

    private StaleCache() {
    }

    /**
     * Returns a warning for each jar that was changed or replaced after the cache was made.
     *
     * @param commandLine the command line of this JVM
     */
    static List<String> warnings(List<CString> commandLine) {
        String cache = null;
        for (CString argument : commandLine) {
            String text = argument.toString();
            cache = text.startsWith(OPTION) ? text.substring(OPTION.length()) : cache;
        }
        return cache == null ? List.of() : warnings(cache);
    }

    private static List<String> warnings(String cache) {
        FileTime made = changed(cache);
        List<String> warnings = new ArrayList<>();
        for (String jar : System.getProperty("java.class.path", "").split(File.pathSeparator, -1)) {
            FileTime changed = changed(jar);
            if (made != null && changed != null && changed.compareTo(made) > 0) {
                warnings.add("the AOT cache " + cache + " is older than " + jar + ", and the JVM may run old"
                        + " classes: delete the cache, and make it again with train");
            }
        }
        return warnings;
    }

    /** Returns when the file was last written or renamed; null if it does not exist. */
    private static @Nullable FileTime changed(String file) {
        try {
            return (FileTime) Files.getAttribute(Path.of(file), "unix:ctime");
        } catch (IOException | IllegalArgumentException e) { // also a path that is not one
            return null;
        }
    }
}
