package io.github.daemonsteps.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.List;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;

/**
 * The classes of the library and of its tests as jars that every user can read, and an AOT cache for them. With the cache a child
 * JVM finds most classes loaded and linked. Each JVM that runs tests creates these files once.
 */
final class TestClasses {

    /** The option that must be the same when the cache is created and when it is used. */
    static final String NATIVE_ACCESS = "--enable-native-access=ALL-UNNAMED";

    private static final TestClasses MADE = make();

    private final String classPath;
    private final Path cache;

    private TestClasses(String classPath, Path cache) {
        this.classPath = classPath;
        this.cache = cache;
    }

    /** Returns the class path. */
    static String classPath() {
        return MADE.classPath;
    }

    /** Returns the options by which a JVM uses the cache, and prints nothing where it cannot. */
    static List<String> options() {
        return List.of("-XX:AOTCache=" + MADE.cache, "-Xlog:aot*=off,cds*=off");
    }

    private static TestClasses make() {
        try {
            Path directory = Files.createTempDirectory("daemon-steps-classes");
            Runtime.getRuntime().addShutdownHook(new Thread(() -> remove(directory)));
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
            Path target = ChildJvm.baseDirectory().resolve("target");
            String classPath = jar(directory.resolve("classes.jar"), target.resolve("classes")) + ":"
                    + jar(directory.resolve("test-classes.jar"), target.resolve("test-classes"));
            return new TestClasses(classPath, train(directory, classPath));
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException(interrupted);
        }
    }

    private static Path jar(Path jar, Path classes) throws IOException {
        int status = ToolProvider.findFirst("jar").orElseThrow().run(System.out, System.err, "--create",
                "--no-compress", "--file", jar.toString(), "-C", classes.toString(), ".");
        if (status != 0) {
            throw new AssertionError("jar exits with status " + status);
        }
        return Files.setPosixFilePermissions(jar, PosixFilePermissions.fromString("rw-r--r--"));
    }

    private static Path train(Path directory, String classPath) throws IOException, InterruptedException {
        Path cache = directory.resolve("classes.aot");
        Command made = Command.run(ChildJvm.java().toString(), NATIVE_ACCESS, "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1", "-XX:AOTCacheOutput=" + cache, "-cp", classPath,
                AotTraining.class.getName(), directory.toString());
        if (made.status() != 0 || !Files.exists(cache)) {
            throw new AssertionError(made);
        }
        Files.setPosixFilePermissions(cache, PosixFilePermissions.fromString("rw-r--r--"));
        return cache;
    }

    private static void remove(Path directory) {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : (Iterable<Path>) files.sorted(Comparator.reverseOrder())::iterator) {
                Files.delete(file);
            }
        } catch (IOException failed) {
            System.err.println("cannot remove " + directory + ": " + failed);
        }
    }
}
