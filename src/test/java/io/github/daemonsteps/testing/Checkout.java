package io.github.daemonsteps.testing;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;

/** A checkout with all files that the script reads. All users can read it. */
public final class Checkout {

    private static final String FIND_JDK = "config/find-jdk.sh";

    private final Path directory;

    private Checkout(Path directory) {
        this.directory = directory;
    }

    /** Creates a checkout in this directory without a build. */
    public static Checkout notBuilt(Path directory) throws IOException {
        for (String file : new String[]{"daemon-steps", FIND_JDK, "pom.xml", "LICENSE"}) {
            copy(ChildJvm.baseDirectory().resolve(file), directory.resolve(file), "rwxr-xr-x");
        }
        makeDirectory(directory.resolve("src/main"));
        return new Checkout(directory);
    }

    /** Creates a checkout in this directory with the jar of a build. The command has not run. */
    public static Checkout built(Path directory) throws IOException {
        Checkout checkout = notBuilt(directory);
        copy(Path.of(System.getProperty("daemonsteps.jar")), directory.resolve("target/daemon-steps.jar"),
                "rw-r--r--");
        return checkout;
    }

    /**
     * Lets the script believe that it has tried to create an AOT cache, which takes longer than the few commands of most
     * tests.
     */
    public Checkout withoutCache() throws IOException {
        Path tried = directory.resolve(cacheMark());
        Files.createFile(tried);
        Files.setLastModifiedTime(tried, FileTime.from(Instant.now().plus(Duration.ofDays(1))));
        return this;
    }

    /** Returns the file by which the script knows that it has tried to create a cache. */
    private static String cacheMark() {
        return "target/command-" + System.getProperty("java.version") + ".aot.tried";
    }

    /** Returns the script. */
    public Path script() {
        return directory.resolve("daemon-steps");
    }

    /**
     * Lets the script search for JDKs in this directory, since the machine may have one in the usual
     * directory.
     */
    public Checkout withJvmsIn(String jvms) throws IOException {
        Path file = directory.resolve(FIND_JDK);
        Files.writeString(file, Files.readString(file).replace("/usr/lib/jvm", jvms));
        return this;
    }

    /**
     * Creates an {@code mvn} that runs this line of sh(1) in its working directory, and then "builds" the
     * jar.
     */
    public void maven(String line) throws IOException {
        maven(line, ":");
    }

    /** Creates an {@code mvn} as {@link #maven} does. The script creates no cache for its jar. */
    public void mavenWithoutCache(String line) throws IOException {
        maven(line, "touch -d tomorrow '" + cacheMark() + "'");
    }

    private void maven(String line, String afterBuild) throws IOException {
        Path maven = directory.resolve("bin/mvn");
        makeDirectory(maven.getParent());
        makeDirectory(directory.resolve("src/main"));
        Path jar =
                copy(Path.of(System.getProperty("daemonsteps.jar")), directory.resolve("bin/jar"),
                        "rw-r--r--");
        Files.writeString(maven, "#!/bin/sh\nset -e\n" + line + "\nmkdir -p target\ncat '" + jar
                + "' >target/daemon-steps.jar\n" + afterBuild + "\n", StandardCharsets.UTF_8);
        Files.setPosixFilePermissions(maven, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    /** Returns a {@code PATH} with that Maven first. */
    public String path() {
        return directory.resolve("bin") + ":/usr/bin:/bin";
    }

    /**
     * Creates a directory with links to the programs of the script, and without a JDK, for a {@code PATH}.
     */
    public static Path systemWithoutJava(Path directory) throws IOException {
        Path links = Files.createDirectory(directory.resolve("system"));
        for (String program : new String[]{"base64", "cp", "find", "flock", "grep", "mkdir", "mv", "readlink",
            "rm", "tail", "touch"}) {
            Files.createSymbolicLink(links.resolve(program), Path.of(Tool.path(program)));
        }
        return links;
    }

    private static Path copy(Path from, Path to, String permissions) throws IOException {
        makeDirectory(to.getParent());
        Files.copy(from, to, StandardCopyOption.REPLACE_EXISTING);
        return Files.setPosixFilePermissions(to, PosixFilePermissions.fromString(permissions));
    }

    private static void makeDirectory(Path directory) throws IOException {
        Files.createDirectories(directory);
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
}
