package io.github.daemonsteps.testing;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import org.opentest4j.TestAbortedException;

/**
 * Programs that tests use and that a machine may lack. A test whose tool is missing is skipped. Where {@code
 * -Ddaemonsteps.tools=required} is given, as {@code .ci/run} does, the test fails instead.
 */
public final class Tool {

    private static final boolean IS_REQUIRED = "required".equals(System.getProperty("daemonsteps.tools"));

    private Tool() {
    }

    /** Returns the name of a program that is on the {@code PATH}. Skips the test if it is not. */
    public static String need(String name) {
        path(name);
        return name;
    }

    /** Returns the absolute path of a program that is on the {@code PATH}. Skips the test if it is not. */
    public static String path(String name) {
        Optional<Path> found = find(name);
        if (found.isPresent()) {
            return found.get().toString();
        }
        String text = name + " is not on the PATH";
        if (IS_REQUIRED) {
            throw new AssertionError(text);
        }
        throw new TestAbortedException(text);
    }

    /**
     * Searches the directories of the system first: those of a user on the PATH may be closed to others.
     */
    private static Optional<Path> find(String name) {
        return Stream.of(("/usr/bin:/bin:/usr/sbin:/sbin:" + System.getenv("PATH")).split(":"))
                .map(directory -> Path.of(directory, name))
                .filter(Files::isExecutable).findFirst();
    }
}
